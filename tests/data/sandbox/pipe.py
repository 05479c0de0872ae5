"""Returns ESCAPED when a pipe can be made."""


def attack(t):
    import os
    os.pipe()
    return "ESCAPED"
