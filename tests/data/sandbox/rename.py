"""Returns ESCAPED when a file can be renamed."""


def attack(t):
    import os
    os.rename(t["file"], t["file"] + ".old")
    return "ESCAPED"
