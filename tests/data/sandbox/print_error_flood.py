"""Writes to standard error without end."""


def attack(t):
    import sys
    for _ in range(10_000):
        sys.stderr.write("x" * 100_000)
    return 1
