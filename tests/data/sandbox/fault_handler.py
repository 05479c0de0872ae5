"""Writes its stack to its connection."""


def attack(t):
    import faulthandler
    faulthandler.dump_traceback(file=3)
    return 1
