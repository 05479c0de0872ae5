"""Returns a generator without end."""


def attack(t):
    return (x for x in iter(int, 1))
