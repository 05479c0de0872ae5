"""Returns ESCAPED when a page can be fetched."""


def attack(t):
    import urllib.request
    urllib.request.urlopen(f"http://127.0.0.1:{t['port']}/", timeout=1)
    return "ESCAPED"
