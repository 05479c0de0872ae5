"""Ends its process with status 0."""


def attack(t):
    import os
    os._exit(0)
