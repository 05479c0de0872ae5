"""Returns ESCAPED when the group can be killed."""


def attack(t):
    import os
    os.killpg(0, 9)
    return "ESCAPED"
