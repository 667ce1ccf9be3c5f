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
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_local_start constant timestamp := p_date + p_start;
    -- an end that is not after the start is on the next day
    v_local_end constant timestamp := p_date + p_end
        + case when p_end <= p_start then interval '1 day' else interval '0' end;
begin
    starts_at := ticketdb.local_instant(v_local_start, p_timezone);
    ends_at := ticketdb.local_instant(v_local_end, p_timezone);
    if ends_at <= starts_at then
        -- an hour that a clock change leaves out would end as it starts: then its length on the clock counts
        ends_at := starts_at + (v_local_end - v_local_start);
    end if;
end
$$;
revoke execute on function ticketdb.schedule_instants(date, time, time, text) from public;
comment on function ticketdb.schedule_instants(date, time, time, text) is
'Instants of an occurrence''s start and end

p_date, p_start, p_end: on the clock of p_timezone, an IANA name.';
