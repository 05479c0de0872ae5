"""Returns ESCAPED when a socket in the abstract namespace can be made."""


def attack(t):
    import socket
    socket.socket(socket.AF_UNIX).bind("\0sml-gym-escape")
    return "ESCAPED"
