"""Returns ESCAPED when a port can be opened."""


def attack(t):
    import socket
    socket.create_server(("127.0.0.1", 0))
    return "ESCAPED"
