"""Returns ESCAPED when a pool of threads works."""


def attack(t):
    from concurrent.futures import ThreadPoolExecutor
    ThreadPoolExecutor(1).submit(print).result()
    return "ESCAPED"
