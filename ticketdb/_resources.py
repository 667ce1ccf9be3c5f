"""Where the SQL of this package lies: inside an installed wheel, or beside the package in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def migrations_dir() -> Path:
    """Return the folder of the migrations."""
    return _folder("migrations")


def sql_dir() -> Path:
    """Return the folder of today's definition."""
    return _folder("sql")


def _folder(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
