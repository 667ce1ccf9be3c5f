"""What our foreign keys and triggers need of the application's own tables, where they are present."""

from collections.abc import Iterator

from psycopg import Connection, sql
from psycopg.rows import TupleRow

_NEEDED = {
    "users": "id username first_name last_name",
    "venues": "id",
    "spaces": "id",
    "bookings": "id booking_reference user_id space_id venue_id start_datetime end_datetime attendees status"
    " total_amount booking_type event_type is_admin_booking customer_note banner_image_url",
    "program_participants": "id user_id name mobile program_type subscription_type ticket_quantity booking_id"
    " start_date end_date amount_paid is_active is_verified scan_count joined_at",
}
# columns of ours that the application may have had before
_GAINED = {
    "bookings": ("event_schedule_id", "event_definition_id", "ticket_type_id"),
    "program_participants": ("event_schedule_id", "event_definition_id"),
}
_TABLES = """
    select c.relname, c.oid, c.relkind in ('r', 'p'), pg_catalog.pg_has_role(c.relowner, 'usage')
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = %s and c.relname = any (%s)
    order by c.relname
"""
_COLUMNS = """
    select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
           exists (
               select from pg_catalog.pg_index as i
               where i.indrelid = a.attrelid and i.indisunique and i.indimmediate and i.indisvalid
                 and i.indpred is null and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
           )
    from pg_catalog.pg_attribute as a
    where a.attrelid = %s and a.attnum > 0 and not a.attisdropped
"""
_KEY_OF_OURS = """
    select exists (
        select from pg_catalog.pg_constraint as k
        join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
        where k.conrelid = %s and a.attname = %s and k.conname = 'ticketdb_' || a.attname
    )
"""


def host_problems(connection: Connection[TupleRow], face: str) -> Iterator[str]:
    """Yield what is wrong with the application's tables; absent ones will be made."""
    tables = connection.execute(_TABLES, (face, list(_NEEDED))).fetchall()
    for table, oid, ordinary, owned in tables:
        if not ordinary:
            yield f"{face}.{table} is not an ordinary table"
            continue
        if not owned:
            yield f"{connection.info.user} does not own table {face}.{table}"
        columns = {name: (kind, unique) for name, kind, unique in connection.execute(_COLUMNS, (oid,))}
        missing = [name for name in _NEEDED[table].split() if name not in columns]
        if missing:
            yield f"table {face}.{table} lacks {', '.join(missing)}"
        if "id" in columns and columns["id"] != ("integer", True):
            yield f"{face}.{table}.id must be an integer with a primary key or unique constraint"
        for column in _GAINED.get(table, ()):
            if column in columns:
                yield from _gained_column_problems(
                    connection, oid, f"{face}.{table}", column, columns[column][0]
                )


def _gained_column_problems(
    connection: Connection[TupleRow], oid: int, table: str, column: str, kind: str
) -> Iterator[str]:
    if kind != "integer":
        yield f"{table}.{column} must be an integer, but is {kind}"
        return
    # once ticketdb's foreign key is there, the values name rows of ticketdb
    ours = connection.execute(_KEY_OF_OURS, (oid, column)).fetchone()
    if ours == (True,):
        return
    query = sql.SQL("select exists (select from {} as t where t.{} is not null)").format(
        sql.Identifier(*table.split(".", 1)), sql.Identifier(column)
    )
    if connection.execute(query).fetchone() == (True,):
        yield f"{table}.{column} has values, which cannot name rows of ticketdb"
