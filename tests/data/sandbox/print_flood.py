"""Prints without end."""


def attack(t):
    while True:
        print("x" * 10_000)
