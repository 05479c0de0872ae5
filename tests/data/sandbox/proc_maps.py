"""Returns ESCAPED when the memory map can be read."""


def attack(t):
    open("/proc/self/maps").read()
    return "ESCAPED"
