"""Returns the value of a variable in a module outside the standard library."""


def attack(t):
    import sys
    sys.path.insert(0, t["folder"])
    sys.path_importer_cache.clear()
    import secret_module
    return secret_module.SECRET
