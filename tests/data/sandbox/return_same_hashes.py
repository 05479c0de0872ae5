"""Returns a dict whose keys all have the same hash."""


def attack(t):
    return {(2**61 - 1) * number: 0 for number in range(5_000)}
