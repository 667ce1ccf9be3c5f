"""roles."""

from typing import Annotated

import typer

from ticketdb.cli._dsn import Dsn, connect
from ticketdb.cli._output import Json, say, show

_RIGHTS = """
select g.object, g.privilege, string_agg(g.role_name, ', ' order by g.role_name) as roles
from ticketdb.role_grants as g
where g.is_granted
group by g.kind, g.object, g.privilege
order by array_position(array['table', 'function', 'sequence', 'schema'], g.kind), g.object, g.privilege
"""


def roles(
    create: Annotated[
        bool,
        typer.Option("--create", help="Make the roles that do not exist: for a server without Supabase."),
    ] = False,
    dsn: Dsn = None,
    as_json: Json = False,
) -> None:
    """Grant PostgREST's roles (anon, authenticated, service_role) what they need, and show it.

    Run it again where roles appeared after the installation; what is granted already stays.
    """
    with connect(dsn) as db, db.connection.transaction():
        if create:
            (made,) = db.connection.execute("select ticketdb.create_roles()").fetchone() or ([],)
            for name in made:
                say("done", f"role {name} made")
        (missing,) = db.connection.execute("select ticketdb.grant_roles()").fetchone() or ([],)
        cursor = db.connection.execute(_RIGHTS)
        names = [column.name for column in cursor.description or ()]
        show([dict(zip(names, row, strict=True)) for row in cursor], as_json, empty="no role has any right")
    if missing:
        say("notice", f"these roles do not exist: {', '.join(missing)}")
        say("hint", "ticketdb roles --create makes them; PostgREST must be told to use them.")
