"""Is busy in one sort."""


def attack(t):
    class Slow:
        def __lt__(self, other):
            while True:
                pass
    return sorted([Slow(), Slow()])
