"""Doubles a text without end."""


def attack(t):
    x = "x"
    while True:
        x += x
