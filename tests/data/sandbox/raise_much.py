"""Raises an exception with very much text."""


def attack(t):
    raise ValueError("x" * 50_000_000)
