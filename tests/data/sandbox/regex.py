"""Is busy in one regular expression."""


def attack(t):
    import re
    return re.match(r"(x+x+)+y", "x" * 60)
