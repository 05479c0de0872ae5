"""Returns the text of a file of the host, by linecache."""


def attack(t):
    import linecache
    return "".join(linecache.getlines(t["file"]))
