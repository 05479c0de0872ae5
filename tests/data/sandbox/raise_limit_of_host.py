"""Returns ESCAPED when the host's limits can be changed."""


def attack(t):
    import resource
    resource.prlimit(t["pid"], resource.RLIMIT_CORE, (0, 0))
    return "ESCAPED"
