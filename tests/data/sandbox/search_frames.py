"""Returns what it finds of the wanted value in the frames above it."""


def attack(t):
    import sys
    frame = sys._getframe()
    found = []
    while frame is not None:
        for part in (frame.f_locals, frame.f_globals):
            found += [repr(value)[:2000] for value in list(part.values()) if "wanted" in repr(value)[:100000]]
        frame = frame.f_back
    return found
