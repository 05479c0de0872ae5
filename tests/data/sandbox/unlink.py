"""Returns ESCAPED when a file can be removed."""


def attack(t):
    import os
    os.unlink(t["file"])
    return "ESCAPED"
