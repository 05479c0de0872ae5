"""Recurs in C until the stack is used up."""


def attack(t):
    import sys
    sys.setrecursionlimit(10**9)
    x = []
    for _ in range(10**6):
        x = [x]
    return repr(x)
