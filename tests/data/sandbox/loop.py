"""Never ends."""


def attack(t):
    while True:
        pass
