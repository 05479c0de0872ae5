"""Sends a list that says it has four thousand million items."""


def attack(t):
    import os, struct, sys
    frame = sys._getframe()
    while "ticket" not in frame.f_locals.get("request", ()):
        frame = frame.f_back
    body = frame.f_locals["request"]["ticket"] + b"v\0\0\0\0l\xff\xff\xff\xff" + b"n" * 1000
    os.write(3, struct.pack(">I", len(body)) + body)
    import time
    time.sleep(1000)
