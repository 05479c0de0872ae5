"""Returns a list that holds itself."""


def attack(t):
    x = []
    x.append(x)
    return x
