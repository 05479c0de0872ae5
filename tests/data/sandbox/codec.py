"""Registers an encoding of its own that never ends."""


def attack(t):
    import codecs
    def search(name):
        while True:
            pass
    codecs.register(search)
    return "x".encode("no-such-encoding")
