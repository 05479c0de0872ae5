"""Returns ESCAPED when the folder or the root can be changed."""


def attack(t):
    import os
    os.chdir(t["folder"])
    os.chroot(t["folder"])
    return "ESCAPED"
