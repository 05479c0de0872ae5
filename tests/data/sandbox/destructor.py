"""Runs on when its objects are destroyed."""


import os


class Late:
    def __del__(self):
        os.write(3, b"ESCAPED")
        while True:
            pass


kept = Late()


def attack(t):
    return Late() and 1


def later(x):
    return x
