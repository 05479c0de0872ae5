"""Ends while the module runs."""


import sys

sys.exit(0)


def attack(t):
    return "ESCAPED"
