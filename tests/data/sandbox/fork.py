"""Returns ESCAPED when a process can be made."""


def attack(t):
    import os
    if os.fork() == 0:
        os._exit(0)
    return "ESCAPED"
