"""Values and texts written into SQL that nobody binds parameters to."""

from collections.abc import Iterable
from itertools import count


def literal(text: str) -> str:
    """Return a string constant, for `standard_conforming_strings = on`."""
    return "'" + text.replace("'", "''") + "'"


def text_array(texts: Iterable[str]) -> str:
    """Return an array of strings."""
    return f"array[{', '.join(map(literal, texts))}]::text[]"


def dollar_quoted(text: str, tag: str) -> str:
    """Return a text between dollar signs with this tag, numbered where the text has it itself."""
    quotes = (f"${tag}{number or ''}$" for number in count())
    quote = next(quote for quote in quotes if quote not in text)
    return f"{quote}{text}{quote}"
