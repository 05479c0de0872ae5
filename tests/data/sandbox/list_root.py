"""Returns ESCAPED when the root folder can be listed."""


def attack(t):
    import os
    return "ESCAPED" if os.listdir("/") else None
