"""Returns ESCAPED when a program can be started, by subprocess."""


def attack(t):
    import subprocess
    subprocess.run(["/bin/true"])
    return "ESCAPED"
