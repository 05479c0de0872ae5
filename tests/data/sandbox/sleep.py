"""Sleeps for ever."""


def attack(t):
    import time
    while True:
        time.sleep(1000)
