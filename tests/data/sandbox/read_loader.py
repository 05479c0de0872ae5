"""Returns the text of a file of the host, by an import loader."""


def attack(t):
    from importlib.machinery import SourceFileLoader
    return SourceFileLoader("x", t["file"]).get_data(t["file"]).decode()
