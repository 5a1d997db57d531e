"""Command lines, whose errors are told like all others."""
import argparse

from .record import Failure


class Parser(argparse.ArgumentParser):
    def __init__(self, name, description, epilog):
        super().__init__(f"scripts/{name}", description=description, epilog=epilog, allow_abbrev=False,
                         formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message):
        raise Failure(f"{message}: {self.prog} --help shows what it takes")
