"""Returns the text of a file of the host, by the raw layer."""


def attack(t):
    import io
    return io.FileIO(t["file"]).read().decode()
