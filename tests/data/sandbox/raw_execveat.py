"""Returns ESCAPED when another program can be started."""


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
    return call((322, 281), -100, ctypes.c_char_p(b"/bin/true"), 0, 0, 0)
