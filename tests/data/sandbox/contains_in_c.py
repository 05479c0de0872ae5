"""Is busy in one search."""


def attack(t):
    import itertools
    return -1 in itertools.count()
