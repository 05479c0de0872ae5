"""Is busy in one multiplication."""


def attack(t):
    x = 3**10_000_000
    while True:
        x = x * x % (7**9_000_000)
