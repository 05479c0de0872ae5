"""Returns what it finds of the wanted value in the memory around its own objects."""


def attack(t):
    import ctypes
    found = []
    near = id(object())
    for start in range(near - 500_000, near + 500_000, 4096):
        try:
            page = ctypes.string_at(start, 4096)
        except Exception:
            continue
        if b"wanted-" in page.replace(b'b"wanted-', b""):
            at = page.index(b"wanted-")
            found.append(page[at : at + 40].decode("latin-1"))
    return found
