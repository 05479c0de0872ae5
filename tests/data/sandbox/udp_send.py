"""Returns ESCAPED when a datagram can be sent."""


def attack(t):
    import socket
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b"x", ("127.0.0.1", t["port"]))
    return "ESCAPED"
