"""Writes a number with millions of digits."""


def attack(t):
    import sys
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    return str(3**30_000_000)
