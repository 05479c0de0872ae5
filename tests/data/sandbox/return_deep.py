"""Returns a value that is nested very deep."""


def attack(t):
    x = []
    for _ in range(100_000):
        x = [x]
    return x
