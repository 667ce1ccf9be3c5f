-- The search path under which the application's own triggers expect to run: the database's setting, else the schema of its tables.
-- Functions of ours that write the application's tables take it while they do, with pg_catalog first; all that they name
-- themselves is qualified. Never the session's path: these functions run with their owner's rights.
-- locks: none
-- raises: nothing
create or replace function ticketdb.application_search_path()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return 'pg_catalog, ' || coalesce(
        (
            select substr(o.setting, length('search_path=') + 1)
            from pg_db_role_setting as c
            cross join unnest(c.setconfig) as o (setting)
            where c.setrole = 0
              and c.setdatabase in (0, (select d.oid from pg_database as d where d.datname = current_database()))
              and o.setting like 'search_path=_%'
            order by c.setdatabase desc
            limit 1
        ),
        (
            select quote_ident(n.nspname)
            from pg_class as c
            inner join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = 'public.bookings'::regclass
        )
    ) || ', pg_temp';
end
$$;
revoke execute on function ticketdb.application_search_path() from public;
comment on function ticketdb.application_search_path() is 'Search path that the application''s own triggers expect';
