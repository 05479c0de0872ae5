"""Returns ESCAPED as a value that says it equals anything."""


class Everything:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 0

    def __bool__(self):
        return True


def attack(t):
    return Everything()


def later(x):
    return Everything()
