"""Asks for memory again and again."""


def attack(t):
    x = []
    while True:
        try:
            x.append([0] * 100_000)
        except MemoryError:
            pass
