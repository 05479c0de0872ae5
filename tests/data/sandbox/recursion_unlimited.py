"""Calls itself without end and without a limit."""


def attack(t):
    import sys
    sys.setrecursionlimit(10**9)
    def deeper(x):
        return repr([deeper(x)])
    return deeper(1)
