"""Returns ESCAPED when other processors can be chosen."""


def attack(t):
    import os
    os.sched_setaffinity(0, {0})
    return "ESCAPED"
