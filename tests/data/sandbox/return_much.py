"""Returns very much."""


def attack(t):
    return ["x" * 1000] * 100_000
