"""Returns the text of a file of the host, by os.open."""


def attack(t):
    import os
    return os.read(os.open(t["file"], os.O_RDONLY), 1000).decode()
