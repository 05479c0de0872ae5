"""Returns ESCAPED when a link can be made."""


def attack(t):
    import os
    os.symlink("/etc/passwd", t["folder"] + "/link")
    return "ESCAPED"
