"""Returns the value of a variable of the host's environment, by the C library."""


def attack(t):
    import ctypes
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_char_p
    found = libc.getenv(t["variable"].encode())
    return found.decode() if found else None
