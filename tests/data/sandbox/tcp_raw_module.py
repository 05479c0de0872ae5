"""Returns ESCAPED when the C module makes a socket."""


def attack(t):
    import _socket
    _socket.socket(2, 1, 0)
    return "ESCAPED"
