"""Returns ESCAPED when a limit can be raised."""


def attack(t):
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
    return "ESCAPED"
