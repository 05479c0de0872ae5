"""Announces a message without end and keeps on sending it."""


def attack(t):
    import os
    os.write(3, b"\xff\xff\xff\xff")
    while True:
        os.write(3, b"x" * 65536)
