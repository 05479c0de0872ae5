"""Returns the text of a file of the host, by mapping it."""


def attack(t):
    import mmap, os
    fd = os.open(t["file"], os.O_RDONLY)
    return mmap.mmap(fd, 0, prot=mmap.PROT_READ).read().decode()
