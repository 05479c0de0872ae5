"""Is busy in one built-in function."""


def attack(t):
    return sum(range(10**12))
