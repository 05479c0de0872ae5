"""Watches every line that the worker runs after it."""


import sys


def watch(frame, event, argument):
    if "reply" in frame.f_code.co_name:
        frame.f_locals["value"] = "ESCAPED"
    return watch


def attack(t):
    sys.settrace(watch)
    sys.setprofile(watch)
    return 1


def later(x):
    return x
