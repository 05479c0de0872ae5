"""Returns ESCAPED when shared memory can be made."""


def attack(t):
    open("/dev/shm/sml-gym-escape", "w").write("x")
    return "ESCAPED"
