"""Returns ESCAPED when rights can be changed."""


def attack(t):
    import os
    os.chmod(t["file"], 0o777)
    return "ESCAPED"
