"""Returns ESCAPED when a thread can be started, by the C module."""


def attack(t):
    import _thread
    _thread.start_new_thread(print, ())
    return "ESCAPED"
