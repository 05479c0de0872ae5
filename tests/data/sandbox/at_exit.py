"""Runs on after it has ended."""


import atexit
import os

atexit.register(lambda: os.write(3, b"ESCAPED"))


def attack(t):
    atexit._run_exitfuncs()
    return 1
