"""Returns the text of a file of the host, by pathlib."""


def attack(t):
    from pathlib import Path
    return Path(t["file"]).read_text()
