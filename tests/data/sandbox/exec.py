"""Returns ESCAPED when another program can take this one's place."""


def attack(t):
    import os
    os.execv("/bin/echo", ["echo", "ESCAPED"])
    return "ESCAPED"
