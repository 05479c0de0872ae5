"""Returns ESCAPED when the machine can be renamed."""


def attack(t):
    import socket
    socket.sethostname("escaped")
    return "ESCAPED"
