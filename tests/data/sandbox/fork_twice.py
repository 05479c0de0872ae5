"""Returns ESCAPED when a process can be orphaned."""


def attack(t):
    import os
    if os.fork() == 0:
        os.setsid()
        os.fork()
    return "ESCAPED"
