"""Replaces the built-in names before it answers."""


import builtins


def attack(t):
    for name in ("len", "type", "isinstance", "issubclass", "str", "bytes", "int", "tuple", "dict", "callable", "getattr"):
        setattr(builtins, name, lambda *a, **k: True)
    return 1
