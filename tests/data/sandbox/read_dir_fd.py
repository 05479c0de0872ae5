"""Returns ESCAPED when a folder of the standard library opens a way out."""


def attack(t):
    import os
    fd = os.open(os.path.dirname(os.__file__) + "/json", os.O_RDONLY)
    return "ESCAPED" if os.open("../" * 20 + "etc/passwd", os.O_RDONLY, dir_fd=fd) else None
