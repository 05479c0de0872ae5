"""Returns the value of a variable of the host's environment."""


def attack(t):
    import os
    return [os.environ.get(t["variable"]), dict(os.environ)]
