"""Starts the help pages."""


def attack(t):
    help()
    return 1
