"""Returns ESCAPED when a terminal can be made."""


def attack(t):
    import pty
    pty.openpty()
    return "ESCAPED"
