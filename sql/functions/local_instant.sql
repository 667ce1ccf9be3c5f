-- The instant for which a local date and time stand in a zone. A time that a clock change leaves out is read with the offset
-- before it (02:30 becomes 03:30), which PostgreSQL does by itself; of a time that comes twice the first is meant (RFC 5545),
-- where PostgreSQL alone takes the second. In PL/pgSQL, for a function in SQL is planned anew for every row before PostgreSQL 18.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.local_instant(p_local timestamp, p_timezone text)
returns timestamptz
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
declare
    v_plain constant timestamptz := p_local at time zone p_timezone;
    v_day_before constant timestamptz := v_plain - interval '24 hours';
    -- with the offset of the day before; it counts where it reads as the same local time
    v_candidate constant timestamptz := (
        p_local - ((v_day_before at time zone p_timezone) - (v_day_before at time zone 'UTC'))
    ) at time zone 'UTC';
begin
    return case
        when v_candidate at time zone p_timezone = p_local then least(v_candidate, v_plain)
        else v_plain
    end;
end
$$;
revoke execute on function ticketdb.local_instant(timestamp, text) from public;
comment on function ticketdb.local_instant(timestamp, text) is
'Instant of a local date and time

p_local: date and time on the clock of the zone; p_timezone: IANA name.';
