"""Returns ESCAPED when a shell can be asked."""


def attack(t):
    import os
    assert os.popen("echo yes").read()
    return "ESCAPED"
