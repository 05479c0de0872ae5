"""Returns ESCAPED when /etc/passwd can be read."""


def attack(t):
    return "ESCAPED" if "root" in open("/etc/passwd").read() else None
