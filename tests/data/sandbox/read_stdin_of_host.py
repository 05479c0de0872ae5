"""Returns what stands on the host's standard input, by a new path to it."""


def attack(t):
    return open("/dev/stdin").read()
