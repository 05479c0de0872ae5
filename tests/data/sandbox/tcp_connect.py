"""Returns ESCAPED when a connection can be made."""


def attack(t):
    import socket
    socket.create_connection(("127.0.0.1", t["port"]), timeout=1)
    return "ESCAPED"
