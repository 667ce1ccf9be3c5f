"""A fault for each rule of Supabase's database advisor, for `test_supabase_lints.py`."""

from __future__ import annotations

from typing import NamedTuple

# A table of the API with nothing wrong, around which faults are planted.
TABLE = """
create table public.planted (id int primary key, definition_id int, code text, owner int, secret text);
alter table public.planted enable row level security;
create policy reading on public.planted for select to anon, authenticated using (true);
grant all on public.planted to anon, authenticated;
"""
FOREIGN_KEY = (
    "alter table public.planted add foreign key (definition_id) references public.event_definitions (id);"
)
SERVER = "create foreign data wrapper planted; create server planted foreign data wrapper planted;"
CALLER = "create function ticketdb.planted() returns int language sql set search_path = '' return 1;"
DEFINER = f"{CALLER.replace('ticketdb', 'public')} alter function public.planted() security definer;"


class Planted(NamedTuple):
    """Something that breaks a rule, and something close to it that does not."""

    found: str
    harmless: str
    object: str = "public.planted"


PLANTED = {
    "unindexed_foreign_keys": Planted(
        f"{FOREIGN_KEY} create index on public.planted (code, definition_id)",
        f"{FOREIGN_KEY} create index on public.planted (definition_id, code) where definition_id is not null",
    ),
    "auth_rls_initplan": Planted(
        f"{CALLER} create policy own on public.planted for insert"
        " with check (code = (select current_setting('a.b')) and owner = ticketdb.planted())",
        f"{CALLER} create policy own on public.planted for insert"
        " with check (code = (select current_setting('a.b')) and owner = (select ticketdb.planted()))",
    ),
    "no_primary_key": Planted(
        "alter table public.planted drop constraint planted_pkey",
        "alter table public.planted add unique (code)",
    ),
    "multiple_permissive_policies": Planted(
        "create policy everything on public.planted to anon using (owner = 1)",
        "create policy less on public.planted as restrictive to anon using (owner = 1);"
        "create policy writing on public.planted for insert to anon with check (owner = 1)",
    ),
    "policy_exists_rls_disabled": Planted(
        "alter table public.planted disable row level security",
        "drop policy reading on public.planted; alter table public.planted disable row level security",
    ),
    "rls_enabled_no_policy": Planted(
        "drop policy reading on public.planted",
        "drop policy reading on public.planted; alter table public.planted disable row level security",
    ),
    "duplicate_index": Planted(
        "create index a on public.planted (code) where owner = 1;"
        "create index b on public.planted (code) where owner = 1",
        "create index a on public.planted (code) where owner = 1; create index b on public.planted (code)",
    ),
    "security_definer_view": Planted(
        "create view public.seen as select 1 as id; grant select on public.seen to anon",
        "create view public.seen with (security_invoker) as select 1 as id;"
        "grant select on public.seen to anon",
        object="public.seen",
    ),
    "function_search_path_mutable": Planted(
        "create function ticketdb.planted() returns int language sql set work_mem = '1MB' return 1",
        "create function ticketdb.planted() returns int language sql set search_path = pg_catalog return 1",
        object="ticketdb.planted()",
    ),
    "rls_disabled_in_public": Planted(
        "alter table public.planted disable row level security",
        "create table ticketdb.planted (id int primary key)",
    ),
    # an extension that every server has, under another name: the rule excepts plpgsql
    "extension_in_public": Planted(
        "update pg_extension set extname = 'planted', extnamespace = 'public'::regnamespace"
        " where extname = 'plpgsql'",
        "update pg_extension set extname = 'planted' where extname = 'plpgsql'",
        object="planted",
    ),
    "rls_references_user_metadata": Planted(
        "create function ticketdb.planted() returns bool language sql set search_path = ''"
        " begin atomic select (current_setting('a.b')::jsonb #>> '{user_metadata,admin}')::bool; end",
        "create function ticketdb.planted() returns bool language sql set search_path = ''"
        " begin atomic select (current_setting('a.b')::jsonb #>> '{app_metadata,admin}')::bool; end",
        object="ticketdb.planted()",
    ),
    "materialized_view_in_api": Planted(
        "create materialized view public.seen as select 1 as id; grant select (id) on public.seen to anon",
        "create materialized view public.seen as select 1 as id;"
        "revoke all on public.seen from anon, authenticated",
        object="public.seen",
    ),
    "foreign_table_in_api": Planted(
        f"{SERVER} create foreign table public.seen (id int) server planted;"
        "grant select on public.seen to authenticated",
        f"{SERVER} create foreign table ticketdb.seen (id int) server planted;"
        "grant select on ticketdb.seen to authenticated",
        object="public.seen",
    ),
    "unsupported_reg_types": Planted(
        "alter table public.planted add called regprocedure",
        "alter table public.planted add named regclass",
    ),
    "sensitive_columns_exposed": Planted(
        "alter table public.planted disable row level security",
        "alter table public.planted disable row level security;"
        "revoke all on public.planted from anon, authenticated;"
        "grant select (id, code) on public.planted to anon",
    ),
    "rls_policy_always_true": Planted(
        "create policy changing on public.planted for update to anon"
        " using (owner = 1) with check ('a' = 'a')",
        "create policy changing on public.planted for update to anon using (owner = 1);"
        "create policy serving on public.planted to service_role using (true)",
    ),
    "security_definer_function_executable": Planted(
        f"{DEFINER} grant execute on function public.planted() to authenticated",
        f"{DEFINER} revoke all on function public.planted() from public, anon, authenticated",
        object="public.planted()",
    ),
    "rls_policy_null_auth_disjunct": Planted(
        f"{CALLER} create policy own on public.planted for delete"
        " using ((select ticketdb.planted()) is null or owner = (select ticketdb.planted()))",
        f"{CALLER} create policy own on public.planted for delete"
        " using ((select ticketdb.planted()) is not null and owner = (select ticketdb.planted()))",
    ),
    "autovacuum_disabled": Planted(
        "alter table public.planted set (autovacuum_enabled = off)",
        "alter table public.planted set (autovacuum_vacuum_threshold = 1000)",
    ),
}
