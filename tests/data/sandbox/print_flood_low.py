"""Writes to standard output without end."""


def attack(t):
    import os
    while True:
        os.write(1, b"x" * 10_000)
