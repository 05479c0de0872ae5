"""Calls itself without end."""


def attack(t):
    return attack(t)
