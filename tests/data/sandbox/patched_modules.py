"""Replaces what the worker may use to answer."""


import json
import os
import struct
import sys


def attack(t):
    json.dumps = lambda *a, **k: "ESCAPED"
    struct.pack = lambda *a, **k: b"ESCAPED"
    os.write = os.read = lambda *a, **k: b"ESCAPED"
    sys.modules.clear()
    return 1
