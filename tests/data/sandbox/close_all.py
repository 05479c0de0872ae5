"""Closes all descriptors."""


def attack(t):
    import os
    os.closerange(0, 1000)
    return 1
