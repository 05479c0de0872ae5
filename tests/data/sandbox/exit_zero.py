"""Ends with status 0 as if all were well."""


def attack(t):
    import sys
    sys.exit(0)
