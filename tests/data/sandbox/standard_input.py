"""Reads standard input."""


def attack(t):
    import sys
    return sys.stdin.read() or input()
