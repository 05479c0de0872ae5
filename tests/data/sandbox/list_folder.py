"""Returns the names in a folder of the host."""


def attack(t):
    import os
    return [entry.name for entry in os.scandir(t["folder"])]
