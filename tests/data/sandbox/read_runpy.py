"""Returns the value of a variable in a file of the host, by running it."""


def attack(t):
    import runpy
    return runpy.run_path(t["module"])["SECRET"]
