"""Unpacks a few bytes into very many."""


def attack(t):
    import zlib
    data = zlib.compress(bytes(10**7), 9)
    return len(b"".join(zlib.decompress(data) for _ in range(1000)))
