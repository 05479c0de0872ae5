"""Computes a number that no machine can hold."""


def attack(t):
    return 9**9**9**9
