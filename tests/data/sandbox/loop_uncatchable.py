"""Catches whatever would end it."""


def attack(t):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
