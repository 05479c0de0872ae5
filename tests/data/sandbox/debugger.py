"""Starts the debugger."""


def attack(t):
    breakpoint()
    return 1
