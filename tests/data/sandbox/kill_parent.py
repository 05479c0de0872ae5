"""Returns ESCAPED when the parent can be killed."""


def attack(t):
    import os
    os.kill(os.getppid(), 9)
    return "ESCAPED"
