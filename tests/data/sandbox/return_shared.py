"""Returns a small value that is immense when written out."""


def attack(t):
    x = [1]
    for _ in range(60):
        x = [x, x]
    return x
