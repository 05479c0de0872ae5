"""Asks for very much memory at once."""


def attack(t):
    return len(bytes(10**13))
