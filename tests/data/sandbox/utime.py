"""Returns ESCAPED when a file's times can be changed."""


def attack(t):
    import os
    os.utime(t["file"], (1, 1))
    return "ESCAPED"
