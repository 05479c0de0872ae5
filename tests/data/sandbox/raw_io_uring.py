"""Returns ESCAPED when a ring for unseen system calls can be made."""


import ctypes
import sys

ARM = "aarch64" in sys.implementation._multiarch


def call(numbers, *arguments):
    libc = ctypes.CDLL(None)
    libc.syscall.restype = ctypes.c_long
    wide = [ctypes.c_long(part) if isinstance(part, int) else part for part in arguments]
    result = libc.syscall(ctypes.c_long(numbers[ARM]), *wide)
    return "ESCAPED" if result >= 0 else None


def attack(t):
    return call((425, 425), 4, ctypes.create_string_buffer(120))
