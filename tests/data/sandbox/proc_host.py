"""Returns ESCAPED when the host's process can be looked into."""


def attack(t):
    open(f"/proc/{t['pid']}/cmdline", "rb").read()
    return "ESCAPED"
