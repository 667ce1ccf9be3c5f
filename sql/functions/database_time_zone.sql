-- The zone in which a definition's times are meant unless it says otherwise: the database's own setting, not the one that
-- the calling session happens to have. Default of event_definitions.timezone.
-- locks: none
-- raises: nothing
create or replace function ticketdb.database_time_zone()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        (
            select substr(o.setting, length('TimeZone=') + 1)
            from pg_db_role_setting as c
            cross join unnest(c.setconfig) as o (setting)
            where c.setrole = 0
              and c.setdatabase in (0, (select d.oid from pg_database as d where d.datname = current_database()))
              and lower(o.setting) like 'timezone=%'
            order by c.setdatabase desc
            limit 1
        ),
        (select s.reset_val from pg_settings as s where s.name = 'TimeZone')
    );
$$;
revoke execute on function ticketdb.database_time_zone() from public;
comment on function ticketdb.database_time_zone() is
'The database''s TimeZone setting, whatever the session has set';
