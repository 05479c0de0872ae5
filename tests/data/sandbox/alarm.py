"""Returns ESCAPED when a timer can be set."""


def attack(t):
    import signal
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    return "ESCAPED"
