"""For who has a shell on the server: `python -m batchgen.admin create-admin NAME`, or `promote NAME`.

The password is asked for, or read from standard input where that is no terminal: an argument would stand in the list
of processes.
"""

import argparse
import getpass
import sys

from batchgen.bootstrap.commands import people
from batchgen.errors import AppError, sentence


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m batchgen.admin", description="Accounts, from the shell")
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create-admin", help="make an admin, or make NAME one and set a new password")
    promote = commands.add_parser("promote", help="make the existing account NAME an admin")
    for command in (create, promote):
        command.add_argument("name")
    asked = parser.parse_args(arguments)
    try:
        account = people().crown(asked.name, _password() if asked.command == "create-admin" else None)
    except AppError as told:
        sys.stderr.write(f"{sentence(told.code, 'zh-CN', **told.params)} {sentence(told.code, 'en', **told.params)}\n")
        return 1
    sys.stdout.write(f"{account.username} is an admin.\n")
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        sys.stderr.write("The two differ.\n")
        raise SystemExit(1)
    return first


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
