"""Returns ESCAPED when a second name for a file can be made."""


def attack(t):
    import os
    os.link(t["file"], t["folder"] + "/link")
    return "ESCAPED"
