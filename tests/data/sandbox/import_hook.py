"""Puts its own importer first."""


import sys


class Importer:
    def find_spec(self, *arguments):
        while True:
            pass


def attack(t):
    sys.meta_path.insert(0, Importer())
    sys.modules.clear()
    import json

    return 1
