"""Returns ESCAPED when an event queue can be made."""


def attack(t):
    import select
    select.epoll()
    return "ESCAPED"
