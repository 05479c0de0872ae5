"""Returns ESCAPED when the host can be signalled."""


def attack(t):
    import os
    os.kill(t["pid"], 0)
    return "ESCAPED"
