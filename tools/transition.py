"""The statements that lead from one set of definitions to another; a rollback is the way back."""

import re

from tools.project import FOLDERS

Definitions = dict[str, str]

_CREATED = re.compile(
    r"^create (?:or replace )?(?:unlogged |constraint )?"
    r"(?:(?P<kind>function|procedure|view|table|type|domain) (?P<name>[a-z0-9_.*/\x22]+)"
    r"|(?P<on_table>trigger|policy) (?P<own>[a-z0-9_]+)\s.*?\bon (?P<table>[a-z0-9_]+\.[a-z0-9_]+))",
    re.MULTILINE | re.DOTALL,
)
# argument list and result: what `create or replace` cannot change without leaving an overload behind
_SIGNATURE = re.compile(r"^create or replace function .*?(?=^language )", re.MULTILINE | re.DOTALL)


class NothingToDrop(Exception):
    """A file in which no create statement was found."""


def transition(old: Definitions, new: Definitions, *, mark_gone: bool) -> str:
    """Return the statements that change `old` into `new`.

    What is made comes first, in building order; what is gone comes last, in the opposite order, when nothing
    uses it any more. `mark_gone` notes in the text which files are gone, as forward migrations do. A type
    that changes is dropped ahead, after the functions that take or return it, and all are made again.
    """
    types = [
        path for path in sorted(old) if path.startswith("types/") and new.get(path, old[path]) != old[path]
    ]
    users = _users(old, types)
    made = []
    if types:
        made.append("\n".join(line for path in users + types for line in drops(path, old[path])) + "\n")
    for path in sorted(new, key=_position):
        if new[path] != old.get(path) or path in users:
            if path in old and path not in users and _signature(old[path]) != _signature(new[path]):
                made.append("\n".join(drops(path, old[path])) + "\n")
            made.append(f"-- >>> sql/{path}\n{new[path]}-- <<< sql/{path}\n")
    gone = []
    for path in sorted(old.keys() - new.keys(), key=_position, reverse=True):
        statements = "" if path in users else "\n".join(drops(path, old[path])) + "\n"
        gone.append(
            f"-- >>> sql/{path} (gone)\n{statements}-- <<< sql/{path} (gone)\n" if mark_gone else statements
        )
    between = "\n" if made and gone else ""
    return "\n".join(made) + between + ("\n" if mark_gone else "").join(gone)


def drops(path: str, text: str) -> list[str]:
    """Return the statements that drop what a file creates, newest first; no cascade."""
    statements = []
    for match in _CREATED.finditer(text):
        if match["kind"]:
            # without arguments: there are no overloads
            statements.append(f"drop {match['kind']} {match['name']};")
        else:
            statements.append(f"drop {match['on_table']} {match['own']} on {match['table']};")
    if not statements:
        raise NothingToDrop(f"sql/{path} has no create statement in the first column")
    return statements[::-1]


def _signature(text: str) -> list[str]:
    return _SIGNATURE.findall(text)


def _users(definitions: Definitions, types: list[str]) -> list[str]:
    """Return the files of functions that name one of the types in their signature."""
    names = [match["name"] for path in types for match in _CREATED.finditer(definitions[path])]
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
    return sorted(
        path for path, text in definitions.items() if names and named.search("".join(_signature(text)))
    )


def _position(path: str) -> tuple[int, str]:
    return FOLDERS.index(path.partition("/")[0]), path
