"""Returns the text of a file of the host."""


def attack(t):
    return open(t["file"]).read()
