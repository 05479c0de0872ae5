"""Ends its process by a signal."""


def attack(t):
    import os
    os.abort()
