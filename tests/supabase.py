"""A database as Supabase prepares one, as far as plain PostgreSQL allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import DependentObjectsStillExist, DuplicateObject, UniqueViolation
from servers import Server

# On Supabase its name is `postgres`; what counts is that it owns the database and is no superuser.
OWNER = "ticketdb_test_owner"
API_ROLES = ("anon", "authenticated", "service_role", "authenticator")
_ATTRIBUTES = {
    OWNER: "createrole createdb replication bypassrls",
    "service_role": "bypassrls",
    "authenticator": "noinherit",
}
# What the platform makes for itself, by a superuser.
_PLATFORM = """
create schema extensions;
create schema auth;
create table auth.users (
    id uuid primary key default gen_random_uuid(), email varchar(255), raw_app_meta_data jsonb
);
create function auth.jwt() returns jsonb language sql stable
return current_setting('request.jwt.claims', true)::jsonb;
grant usage on schema public, extensions, auth to anon, authenticated, service_role;
grant usage on schema auth, extensions to {owner};
grant select, insert, update, trigger on auth.users to {owner};
-- of the extension pg_cron only what a user of it calls
create schema cron;
create table cron.job (
    jobid bigint generated always as identity, jobname text unique, schedule text, command text,
    database text not null default current_database(), username text not null default current_user,
    active boolean not null default true
);
create table cron.job_run_details (
    jobid bigint, status text, return_message text, start_time timestamptz, end_time timestamptz
);
create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql
as $$
    insert into cron.job (jobname, schedule, command) values ($1, $2, $3)
    on conflict (jobname) do update set schedule = excluded.schedule, command = excluded.command
    returning jobid
$$;
create function cron.unschedule(job_id bigint) returns boolean language sql
as $$
    delete from cron.job where jobid = $1 returning true
$$;
grant usage on schema cron to {owner};
grant select, insert, update, delete on cron.job, cron.job_run_details to {owner};
"""
# What the owner has set up: whatever it makes in public is everybody's.
_OWNERS = """
create publication supabase_realtime;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
"""


@contextmanager
def supabase_roles(server: Server) -> Iterator[None]:
    """The roles of a project; those that were not there before are dropped at the end.

    Roles are the server's, and tests that run beside these may have made them, or use them still.
    """
    made = []
    with psycopg.connect(server.dsn, autocommit=True) as admin:
        for name in (OWNER, *API_ROLES):
            with suppress(DuplicateObject, UniqueViolation):
                admin.execute(f"create role {name} {_ATTRIBUTES.get(name, '')}".encode())
                made.append(name)
    yield
    with psycopg.connect(server.dsn, autocommit=True) as admin:
        for name in made:
            with suppress(DependentObjectsStillExist):
                admin.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def prepare(dsn: str) -> str:
    """Make a database a project's; return the DSN with which its owner reaches it."""
    owned = make_conninfo(dsn, options=f"-c role={OWNER} -c search_path=public,extensions")
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(f"alter database {admin.info.dbname} owner to {OWNER}".encode())
        admin.execute(_PLATFORM.replace("{owner}", OWNER).encode())
    with psycopg.connect(owned, autocommit=True) as owner:
        owner.execute(_OWNERS)
    return owned


def split(text: str) -> list[str]:
    """The statements of a migration, as Supabase's command line tells them apart."""
    token = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|(\$\w*\$).*?\1|;", re.DOTALL)
    ends = [match.end() for match in token.finditer(text) if match[0] == ";"]
    parts = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    return [part for part in parts if re.sub(r"--[^\n]*", "", part).strip()]
