-- The zone in which a definition's times are meant unless it says otherwise: the database's own setting, not the one that
-- the calling session happens to have or was opened with. Default of event_definitions.timezone.
-- locks: none
-- raises: nothing
create or replace function ticketdb.database_time_zone()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    v_timezone text;
begin
    select substr(o.setting, length('TimeZone=') + 1) into v_timezone
    from pg_db_role_setting as c
    cross join unnest(c.setconfig) as o (setting)
    where c.setrole = 0
      and c.setdatabase in (0, (select d.oid from pg_database as d where d.datname = current_database()))
      and lower(o.setting) like 'timezone=%'
    order by c.setdatabase desc
    limit 1;
    if v_timezone is null then
        begin
            select f.setting into v_timezone
            from pg_file_settings as f
            where lower(f.name) = 'timezone' and f.applied
            order by f.seqno desc
            limit 1;
        exception
            -- only the file's owner may read it: then what the session started with is the best there is
            when insufficient_privilege then null;
        end;
    end if;
    if v_timezone is null then
        select s.reset_val into v_timezone from pg_settings as s where s.name = 'TimeZone';
    end if;
    -- the server spells it as the IANA do; the function's own setting ends with the function
    return set_config('TimeZone', v_timezone, true);
end
$$;
revoke execute on function ticketdb.database_time_zone() from public;
comment on function ticketdb.database_time_zone() is
'The database''s TimeZone setting, whatever the session has set';
