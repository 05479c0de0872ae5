"""Closes its connection to the host."""


def attack(t):
    import os
    os.close(3)
    return 1
