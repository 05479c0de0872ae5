"""Fills a dict without end."""


def attack(t):
    return {number: [number] for number in range(10**10)}
