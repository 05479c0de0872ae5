"""Returns ESCAPED when a pair of sockets can be made."""


def attack(t):
    import socket
    socket.socketpair()
    return "ESCAPED"
