"""Returns ESCAPED when the kernel can be asked for its network."""


def attack(t):
    import socket
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    return "ESCAPED"
