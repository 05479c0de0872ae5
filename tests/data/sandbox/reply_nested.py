"""Sends a value that is nested a million times."""


def attack(t):
    import os, struct, sys
    frame = sys._getframe()
    while "ticket" not in frame.f_locals.get("request", ()):
        frame = frame.f_back
    body = frame.f_locals["request"]["ticket"] + b"v\0\0\0\0" + b"l\1\0\0\0" * 1_000_000 + b"n"
    os.write(3, struct.pack(">I", len(body)))
    sent = 0
    while sent < len(body):
        sent += os.write(3, body[sent:])
    import time
    time.sleep(1000)
