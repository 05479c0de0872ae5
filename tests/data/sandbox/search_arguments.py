"""Returns ESCAPED when the command line of the host is there."""


def attack(t):
    import sys
    return "ESCAPED" if any("pytest" in word for word in sys.argv + sys.orig_argv) else None
