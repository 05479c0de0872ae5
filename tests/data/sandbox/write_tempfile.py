"""Returns ESCAPED when a temporary file can be made."""


def attack(t):
    import tempfile
    tempfile.NamedTemporaryFile(dir=t["folder"]).write(b"x")
    return "ESCAPED"
