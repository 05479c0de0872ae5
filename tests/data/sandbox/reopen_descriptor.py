"""Opens the descriptor of its connection for writing."""


def attack(t):
    return open(3, "wb").write(b"x" * 100)
