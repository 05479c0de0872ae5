"""A subclass of str that says it equals anything must arrive as the plain value it holds."""


class Sly(str):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 0

    def __iter__(self):
        return iter([])

    def __len__(self):
        return 0

    def __reduce__(self):
        return (eval, ("1",))


def attack(t):
    return Sly("wrong")


def later(x):
    return Sly("wrong")
