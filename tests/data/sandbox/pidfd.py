"""Returns ESCAPED when the host can be held by a descriptor."""


def attack(t):
    import os, signal
    signal.pidfd_send_signal(os.pidfd_open(t["pid"]), 0)
    return "ESCAPED"
