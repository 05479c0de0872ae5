"""Returns ESCAPED when a device can be opened."""


def attack(t):
    return "ESCAPED" if open("/dev/zero", "rb").read(1) else None
