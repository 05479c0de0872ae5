"""Loads fresh copies of modules to get at what was replaced."""


def attack(t):
    import importlib, os
    importlib.reload(os)
    return "ESCAPED" if os.listdir("/") else None
