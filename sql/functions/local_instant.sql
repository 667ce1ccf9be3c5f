-- The instant for which a local date and time stand in a zone. A time that a clock change leaves out is read with the offset
-- before it (02:30 becomes 03:30), which PostgreSQL does by itself; of a time that comes twice the first is meant (RFC 5545),
-- where PostgreSQL alone takes the second.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.local_instant(p_local timestamp, p_timezone text)
returns timestamptz
language sql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
    -- the candidate uses the offset of the day before; it counts where it reads as the same local time
    select case
        when c.candidate at time zone p_timezone = p_local then least(c.candidate, p_local at time zone p_timezone)
        else p_local at time zone p_timezone
    end
    from (
        select (
            p_local - (
                (y.instant at time zone p_timezone) - (y.instant at time zone 'UTC')
            )
        ) at time zone 'UTC' as candidate
        from (select (p_local at time zone p_timezone) - interval '24 hours' as instant) as y
    ) as c;
$$;
revoke execute on function ticketdb.local_instant(timestamp, text) from public;
comment on function ticketdb.local_instant(timestamp, text) is
'Instant of a local date and time

p_local: date and time on the clock of the zone; p_timezone: IANA name.';
