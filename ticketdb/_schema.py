"""Whether a database has the migrations of this package: known by the newest one, cheaply."""

import re
from functools import cache

from ticketdb._resources import migrations_dir
from ticketdb.errors import NotInstalled, SchemaNewer, SchemaOlder

# as in the records: yoyo knows migrations by their ids alone, so ours have a prefix
_PREFIX = "ticketdb-"
_FILE_NAME = re.compile(r"([0-9]{4}_[a-z0-9_]+)\.sql")


@cache
def newest_migration() -> str:
    """The id of the newest migration of this package. Without yoyo, which takes long to import."""
    names = (_FILE_NAME.fullmatch(path.name) for path in migrations_dir().iterdir())
    return _PREFIX + max(name[1] for name in names if name)


def refuse_unless_same(newest_applied: str | None) -> None:
    """Stop where the database is not at this package's migration; None: it has none."""
    ours = newest_migration()
    if newest_applied == ours:
        return
    if newest_applied is None:
        raise NotInstalled(
            "ticketdb is not installed in this database; run: ticketdb migrate",
            reason="not_installed",
            hint="Run `ticketdb migrate --dsn ...` on it.",
        )
    theirs, ours = newest_applied.removeprefix(_PREFIX), ours.removeprefix(_PREFIX)
    if theirs < ours:
        raise SchemaOlder(
            f"this database is at migration {theirs}, older than this package's {ours};"
            " run: ticketdb migrate",
            reason="schema_older",
            hint="`ticketdb status` shows what is missing.",
            detail={"database": theirs, "package": ours},
        )
    raise SchemaNewer(
        f"this database is at migration {theirs}, newer than this package's {ours};"
        " run: pip install --upgrade ticketdb",
        reason="schema_newer",
        hint="While a new version is rolled out, the old one can be told not to look: check_schema=False.",
        detail={"database": theirs, "package": ours},
    )
