"""Returns the text of a file of the host, by codecs."""


def attack(t):
    import codecs
    return codecs.open(t["file"], encoding="utf-8").read()
