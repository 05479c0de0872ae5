"""Returns ESCAPED when memory can be written through /proc."""


def attack(t):
    open("/proc/self/mem", "r+b")
    return "ESCAPED"
