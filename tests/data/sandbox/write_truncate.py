"""Returns ESCAPED when a file can be emptied."""


def attack(t):
    import os
    os.truncate(t["file"], 0)
    return "ESCAPED"
