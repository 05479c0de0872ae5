"""Returns ESCAPED when attributes of files can be written."""


def attack(t):
    import os
    os.setxattr(t["file"], "user.x", b"x")
    return "ESCAPED"
