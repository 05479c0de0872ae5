"""Returns ESCAPED when a descriptor can be sent to the host."""


def attack(t):
    import socket
    socket.send_fds(socket.socket(fileno=3), [b"x"], [0])
    return "ESCAPED"
