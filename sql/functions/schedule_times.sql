-- When an occurrence ends on the local clock, and the instants at which it starts and ends. The one reading of its local times;
-- event_schedules and the preview use it.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.schedule_times(
    p_date date,
    p_start time,
    p_end time,
    p_extra_days int,
    p_timezone text,
    out end_datetime timestamp,
    out starts_at timestamptz,
    out ends_at timestamptz
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_local_start constant timestamp := p_date + p_start;
begin
    -- an end that is not after the start is on the next day; what lasts for days ends so many later
    end_datetime := p_date + p_extra_days + p_end
        + case when p_end <= p_start then interval '1 day' else interval '0' end;
    starts_at := ticketdb.local_instant(v_local_start, p_timezone);
    ends_at := ticketdb.local_instant(end_datetime, p_timezone);
    if ends_at <= starts_at then
        -- an hour that a clock change leaves out would end as it starts: then its length on the clock counts
        ends_at := starts_at + (end_datetime - v_local_start);
    end if;
end
$$;
revoke execute on function ticketdb.schedule_times(date, time, time, int, text) from public;
comment on function ticketdb.schedule_times(date, time, time, int, text) is
'Local end of an occurrence, and the instants of its start and end

p_date, p_start, p_end: on the clock of p_timezone, an IANA name; p_extra_days: full days beyond what p_end says.';
