"""Crashes its process."""


def attack(t):
    import ctypes
    return ctypes.string_at(0)
