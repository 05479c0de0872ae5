"""Returns ESCAPED when the process can leave its group."""


def attack(t):
    import os
    os.setsid()
    return "ESCAPED"
