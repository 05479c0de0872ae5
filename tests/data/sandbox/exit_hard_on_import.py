"""Ends its process while the module runs."""


import os

os._exit(0)


def attack(t):
    return "ESCAPED"
