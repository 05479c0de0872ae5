"""Returns ESCAPED when a process can be made, by multiprocessing."""


def attack(t):
    import multiprocessing
    p = multiprocessing.get_context("fork").Process(target=print)
    p.start()
    p.join()
    return "ESCAPED"
