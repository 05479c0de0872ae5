"""Returns ESCAPED when a program can be started."""


def attack(t):
    import os
    os.posix_spawn("/bin/true", ["true"], {})
    return "ESCAPED"
