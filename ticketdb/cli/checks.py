"""verify, doctor."""

import typer

from ticketdb import TicketDB
from ticketdb.cli import _host_checks, _upkeep_checks
from ticketdb.cli._dsn import Dsn, connect, resolve
from ticketdb.cli._failure import REFUSED
from ticketdb.cli._finding import Finding, first
from ticketdb.cli._output import Json, say, show

_OLDEST_SERVER = 15
_NEWEST_SERVER = 18


def verify(dsn: Dsn = None, as_json: Json = False) -> None:
    """Recompute every counter from its rows; exit with 1 if one differs."""
    with connect(dsn) as db:
        problems = db.verify_inventory()
        if problems or as_json:
            show(problems, as_json)
        if problems:
            say("error", f"{len(problems)} counters differ from their rows")
            raise typer.Exit(REFUSED)
        say("done", "every counter equals its rows")


_MISSING_RIGHTS = """
select distinct g.role_name || ' on ' || g.object
from ticketdb.role_grants as g
where not g.is_granted and to_regrole(g.role_name) is not null
order by 1
"""


def doctor(dsn: Dsn = None, as_json: Json = False) -> None:
    """Check the server, the installation and the counters; exit with 1 if something is wrong."""
    address = resolve(dsn)
    # of another age or absent, it is a finding here
    with TicketDB(address, check_schema=False) as db:
        findings = [_server(db), _connection(db, address), _isolation(db), _migrations(address)]
        if all(finding.ok for finding in findings):
            # these ask what only a complete installation can answer
            findings += [
                _host_checks.triggers(db),
                _rights(db),
                _counters(db),
                _host_checks.bookings(db),
                _host_checks.participants(db),
                _upkeep_checks.messages(db),
                *_upkeep_checks.rounds(db),
            ]
    show(findings, as_json)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(REFUSED)


def _server(db: TicketDB) -> Finding:
    version = db.connection.info.server_version
    found = f"PostgreSQL {version // 10000}.{version % 10000}"
    if _OLDEST_SERVER <= version // 10000 <= _NEWEST_SERVER:
        return Finding("server version", True, found)
    return Finding("server version", False, found, f"Use PostgreSQL {_OLDEST_SERVER} to {_NEWEST_SERVER}.")


def _connection(db: TicketDB, dsn: str) -> Finding:
    from ticketdb.migrate.pooler import pools_transactions

    if pools_transactions(db.connection, dsn):
        return Finding("connection", True, "by transaction pooler: sells, but cannot migrate")
    return Finding("connection", True, "sessions are kept")


def _isolation(db: TicketDB) -> Finding:
    # what others start with
    row = db.connection.execute(
        "select s.reset_val from pg_catalog.pg_settings as s where s.name = 'default_transaction_isolation'"
    ).fetchone()
    level = str(row[0]) if row else ""
    if level in ("read committed", "read uncommitted"):
        return Finding("isolation", True, level)
    return Finding(
        "isolation",
        False,
        f"{level} is the default, and tickets are sold at read committed only",
        "alter database ... set default_transaction_isolation = 'read committed'",
    )


def _migrations(dsn: str) -> Finding:
    from ticketdb.migrate import status

    found = status(dsn)
    if found.unknown:
        return Finding(
            "migrations", False, f"unknown here: {', '.join(found.unknown)}", "pip install --upgrade ticketdb"
        )
    if found.edited:
        return Finding(
            "migrations",
            False,
            f"edited since: {', '.join(found.edited)}",
            "Restore the files: reinstall ticketdb.",
        )
    if found.pending:
        return Finding("migrations", False, f"{len(found.pending)} pending", "ticketdb migrate")
    return Finding("migrations", True, f"{len(found.applied)} applied")


def _rights(db: TicketDB) -> Finding:
    rows = db.connection.execute(_MISSING_RIGHTS).fetchall()
    if not rows:
        return Finding("roles", True, "each that exists has its rights")
    return Finding("roles", False, f"{len(rows)} rights are missing: {first(rows)}", "ticketdb roles")


def _counters(db: TicketDB) -> Finding:
    problems = len(db.verify_inventory())
    if not problems:
        return Finding("counters", True, "every counter equals its rows")
    return Finding("counters", False, f"{problems} differ from their rows", "ticketdb verify")
