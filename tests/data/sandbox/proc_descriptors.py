"""Returns ESCAPED when open files can be listed."""


def attack(t):
    import os
    os.listdir("/proc/self/fd")
    return "ESCAPED"
