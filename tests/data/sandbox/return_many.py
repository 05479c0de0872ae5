"""Returns very many values."""


def attack(t):
    return list(range(3_000_000))
