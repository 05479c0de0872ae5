"""Returns ESCAPED when the user can be changed."""


def attack(t):
    import os
    os.setuid(12345)
    return "ESCAPED"
