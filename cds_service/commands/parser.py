"""Wrong options into one line and status 2: pages of usage bury what is wrong."""

from __future__ import annotations

import argparse
from typing import NoReturn


def one_line_parser(prog: str, description: str) -> argparse.ArgumentParser:
    return _Parser(prog=prog, description=description)


class _Parser(argparse.ArgumentParser):
    """Its sub-commands are of its kind too: argparse makes them so."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message} (`{self.prog} --help` tells all)\n")
