"""Returns ESCAPED when an installed package can be read."""


def attack(t):
    return "ESCAPED" if open(t["package"]).read() else None
