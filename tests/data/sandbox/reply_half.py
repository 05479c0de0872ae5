"""Announces a message and sends half of it."""


def attack(t):
    import os, time
    os.write(3, b"\0\0\1\0half")
    time.sleep(1000)
