"""Returns a number of millions of digits."""


def attack(t):
    return 1 << 100_000_000
