"""An object whose __class__ says int must not pass for a plain value."""


class Liar:
    @property
    def __class__(self):
        return int

    def __index__(self):
        return 3


def attack(t):
    return Liar()


def later(x):
    return Liar()
