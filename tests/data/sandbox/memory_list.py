"""Asks for more and more memory."""


def attack(t):
    x = []
    while True:
        x.append("x" * 10_000_000 + str(len(x)))
