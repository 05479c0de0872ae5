"""Gives Python's parser something that is nested too deep."""


def attack(t):
    return eval("(" * 100_000 + ")" * 100_000)
