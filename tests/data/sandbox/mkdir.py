"""Returns ESCAPED when a folder can be made."""


def attack(t):
    import os
    os.mkdir(t["folder"] + "/new")
    return "ESCAPED"
