"""Returns ESCAPED when processes can be made without end."""


def attack(t):
    import os
    made = 0
    for _ in range(1000):
        try:
            os.fork()
            made += 1
        except OSError:
            pass
    assert made
    return "ESCAPED"
