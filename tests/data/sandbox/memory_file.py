"""Returns ESCAPED when a file in memory can be made."""


def attack(t):
    import os
    os.memfd_create("x")
    return "ESCAPED"
