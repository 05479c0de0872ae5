"""Returns ESCAPED when a file can be added to."""


def attack(t):
    open(t["file"], "a").write("x")
    return "ESCAPED"
