"""Reads the host's next request in the worker's place."""


def attack(t):
    import os
    return "ESCAPED" if os.read(3, 100) else None
