"""Returns ESCAPED when a path through the standard library leads out of it."""


def attack(t):
    import os
    base = os.path.dirname(os.__file__) + "/json"
    up = "/.." * 20
    return "ESCAPED" if "root" in open(base + up + "/etc/passwd").read() else None
