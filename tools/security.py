"""Writes docs/security.md from the catalog: `make security`."""

from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from ticketdb.migrate import migrate
from tools.databases import database, server

DOCUMENT = Path("docs/security.md")
ROLES = ("anon", "authenticated", "service_role")

_INTRODUCTION = """\
# Security

Made from the catalog of a migrated database by `make security`; the tests compare it.

PostgREST answers each request as one of three roles. `anon` reads what is public. `authenticated` is a
signed-in buyer: reserves for himself, sees and gives up what is his own. `service_role` is the payment
server: confirms, cancels, checks in, runs maintenance. An admin is a signed-in user whose token has
`app_metadata.role = 'admin'`; row level security lets him manage events and see who comes. Who is signed
in: the row of `users` whose id is the claim `user_id`, else the one whose `username` is the claim `email`.

`ticketdb roles` grants what stands here to those of the roles that exist, and can be run again where they
appear later; `--create` makes them on a server that is not Supabase's. Nothing is granted to `public`. A
direct connection of the owner is trusted.

What a caller may not see does not exist for him: somebody else's reservation is `reservation_not_found`, an
event that is not public `schedule_not_found` or `definition_not_found`, and the idempotency keys of two
buyers never meet.

The functions in `public` run with the caller's rights. Those in `ticketdb` that act with their owner's take
no role's word: the token says who is calling, and grants say who may call.
"""

# what roles really have, not what they were meant to get
_RIGHTS = """
with objects as (
    select
        case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end as kind,
        n.nspname || '.' || c.relname as object, c.relacl as acl
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('public', 'ticketdb') and c.relkind in ('r', 'v', 'S')
    union all
    select 'function', n.nspname || '.' || p.proname, p.proacl
    from pg_proc as p
    inner join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname in ('public', 'ticketdb')
)
select
    o.object, o.kind,
    array(
        select coalesce(string_agg(lower(a.privilege_type), ', ' order by a.privilege_type), '')
        from unnest(%s::text[]) with ordinality as r (name, n)
        left join aclexplode(o.acl) as a on a.grantee = to_regrole(r.name)
        group by r.n
        order by r.n
    ) as rights
from objects as o
where exists (
    select
    from aclexplode(o.acl) as a
    where a.grantee in (select to_regrole(r.name) from unnest(%s::text[]) as r (name))
)
order by
    o.object not like 'public.%%',
    array_position(array['table', 'view', 'function', 'sequence'], o.kind),
    o.object
"""

_POLICIES = """
select
    p.schemaname || '.' || p.tablename, p.policyname, lower(p.cmd),
    coalesce(regexp_replace(p.qual, '\\s+', ' ', 'g'), ''),
    coalesce(regexp_replace(p.with_check, '\\s+', ' ', 'g'), '')
from pg_policies as p
where p.schemaname = 'public'
order by 1, 3, 2
"""


def document(connection: psycopg.Connection[TupleRow]) -> str:
    """The text for a database in which the roles exist and are granted."""
    rights = connection.execute(_RIGHTS, [list(ROLES), list(ROLES)]).fetchall()
    policies = connection.execute(_POLICIES).fetchall()
    return "\n".join(
        [
            _INTRODUCTION,
            "## Rights",
            "",
            *_table(("object", "kind", *ROLES), [(f"`{name}`", kind, *each) for name, kind, each in rights]),
            "",
            "## Policies",
            "",
            "Of the rows of a table, each role sees and changes those for which this holds.",
            "",
            *_table(
                ("table", "policy", "for", "rows", "new rows"),
                [
                    (f"`{table}`", name, action, _code(using), _code(check))
                    for table, name, action, using, check in policies
                ],
            ),
            "",
        ]
    )


def _code(expression: str) -> str:
    return f"`{expression}`" if expression else ""


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]


def main() -> None:
    """Write the document."""
    with server() as dsn, database(dsn) as name:
        migrate(name)
        # the roles go with the transaction
        with psycopg.connect(name) as connection:
            connection.execute("select ticketdb.create_roles()")
            connection.execute("select ticketdb.grant_roles()")
            DOCUMENT.write_text(document(connection), encoding="utf-8")
            connection.rollback()
    print("written", DOCUMENT)


if __name__ == "__main__":
    main()
