"""Returns ESCAPED when /proc/self/environ can be read."""


def attack(t):
    open("/proc/self/environ").read()
    return "ESCAPED"
