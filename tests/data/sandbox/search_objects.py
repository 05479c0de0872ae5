"""Returns what it finds of the wanted value among all objects."""


def attack(t):
    import gc
    found = []
    for thing in gc.get_objects():
        if isinstance(thing, (list, tuple, dict, set)):
            found += [text for text in map(str, thing if not isinstance(thing, dict) else thing.values()) if text.startswith("wanted-")]
    return found[:10]
