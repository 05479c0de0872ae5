"""Returns ESCAPED when all processes can be killed."""


def attack(t):
    import os
    os.kill(-1, 9)
    return "ESCAPED"
