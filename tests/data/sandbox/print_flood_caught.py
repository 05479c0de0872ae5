"""Writes on after it has been told to stop."""


def attack(t):
    import os
    while True:
        try:
            os.write(1, b"x" * 10_000)
        except OSError:
            pass
