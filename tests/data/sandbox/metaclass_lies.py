"""An object whose class says it is a subclass of everything must not pass for a plain value."""


class Meta(type):
    def __subclasscheck__(cls, other):
        return True

    def __instancecheck__(cls, other):
        return True

    def mro(cls):
        return super().mro()

    __name__ = property(lambda cls: "int")


class Liar(metaclass=Meta):
    pass


def attack(t):
    return Liar()


def later(x):
    return Liar()
