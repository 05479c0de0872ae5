"""Returns ESCAPED when the priority can be raised."""


def attack(t):
    import os
    os.setpriority(os.PRIO_PROCESS, 0, -5)
    return "ESCAPED"
