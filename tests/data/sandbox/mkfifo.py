"""Returns ESCAPED when a named pipe can be made."""


def attack(t):
    import os
    os.mkfifo(t["folder"] + "/pipe")
    return "ESCAPED"
