"""Returns ESCAPED when descriptors can be multiplied."""


def attack(t):
    import os
    os.dup(0)
    return "ESCAPED"
