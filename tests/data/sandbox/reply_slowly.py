"""Sends a long message byte by byte."""


def attack(t):
    import os, time
    os.write(3, b"\0\xff\0\0")
    while True:
        os.write(3, b"x")
        time.sleep(0.01)
