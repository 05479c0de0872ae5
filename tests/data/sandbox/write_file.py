"""Returns ESCAPED when a file can be made."""


def attack(t):
    open(t["folder"] + "/new", "w").write("x")
    return "ESCAPED"
