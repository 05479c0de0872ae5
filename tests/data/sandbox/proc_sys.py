"""Returns ESCAPED when kernel settings can be read."""


def attack(t):
    open("/proc/sys/kernel/hostname").read()
    return "ESCAPED"
