-- The instants at which an occurrence starts and ends. The one reading of its local times; event_schedules and the preview use it.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.schedule_instants(
    p_date date,
    p_start time,
    p_end time,
    p_timezone text,
    out starts_at timestamptz,
    out ends_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        i.starts_at,
        -- an hour that a clock change leaves out would end as it starts: then its length on the clock counts
        case when i.ends_at > i.starts_at then i.ends_at else i.starts_at + (l.local_end - l.local_start) end
    from (
        select
            p_date + p_start as local_start,
            -- an end that is not after the start is on the next day
            p_date + p_end + case when p_end <= p_start then interval '1 day' else interval '0' end as local_end
    ) as l
    cross join lateral (
        select
            ticketdb.local_instant(l.local_start, p_timezone) as starts_at,
            ticketdb.local_instant(l.local_end, p_timezone) as ends_at
    ) as i;
$$;
revoke execute on function ticketdb.schedule_instants(date, time, time, text) from public;
comment on function ticketdb.schedule_instants(date, time, time, text) is
'Instants of an occurrence''s start and end

p_date, p_start, p_end: on the clock of p_timezone, an IANA name.';
