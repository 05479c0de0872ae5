"""Returns ESCAPED when a thread can be started."""


def attack(t):
    import threading
    x = threading.Thread(target=print)
    x.start()
    x.join()
    return "ESCAPED"
