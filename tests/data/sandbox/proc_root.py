"""Returns ESCAPED when another process's root is a way out."""


def attack(t):
    open("/proc/1/root/etc/passwd").read()
    return "ESCAPED"
