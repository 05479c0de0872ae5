"""Raises an exception whose text, class and traceback are hostile."""


class Hostile(Exception):
    def __str__(self):
        raise self

    __repr__ = __str__

    @property
    def __traceback__(self):
        raise SystemExit(0)

    @property
    def __class__(self):
        return MemoryError


def attack(t):
    raise Hostile()


def later(x):
    raise Hostile()
