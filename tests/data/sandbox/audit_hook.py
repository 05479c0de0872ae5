"""Hooks into everything that is audited."""


import sys


def attack(t):
    def hook(*arguments):
        raise RuntimeError("no")

    sys.addaudithook(hook)
    return 1
