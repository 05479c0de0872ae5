"""Takes the place of standard output."""


def attack(t):
    import sys
    class Out:
        def write(self, text):
            while True:
                pass
        flush = write
    sys.stdout = Out()
    return 1
