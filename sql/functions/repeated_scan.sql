-- What the door is told when a ticket that has admitted its holder is scanned again: the admission policy of the event decides, by the
-- scans on record, in the order in which they came here. Called by scan_ticket with the ticket locked; so it must be volatile, to see
-- what was written by whoever had the lock before.
-- locks: none
-- raises: nothing
create or replace function ticketdb.repeated_scan(p_ticket_id bigint, p_schedule_id int, p_scanned_at timestamptz)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
    v_past record;
begin
    select d.admission_policy, d.max_entries, d.timezone into v_event
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = p_schedule_id;
    if v_event.admission_policy = 'once' then
        return 'already_used';
    end if;

    select
        count(*) filter (where c.result = 'admitted') as entries,
        -- the last scan that let the holder pass was his way in; under another policy he may have come in several times
        max(c.id) filter (where c.result = 'admitted')
        > coalesce(max(c.id) filter (where c.result = 'exited'), 0) as is_inside,
        coalesce(bool_or(
            c.result = 'admitted'
            and (c.scanned_at at time zone v_event.timezone)::date = (p_scanned_at at time zone v_event.timezone)::date
        ), false) as came_that_day
    into v_past
    from public.ticket_check_ins as c
    where c.ticket_id = p_ticket_id;
    return case
        when v_event.admission_policy = 'in_and_out' and v_past.is_inside then 'exited'
        when v_event.admission_policy = 'n_entries' and v_past.entries >= v_event.max_entries then 'already_used'
        when v_event.admission_policy = 'once_a_day' and v_past.came_that_day then 'already_used'
        else 'admitted'
    end;
end
$$;
revoke execute on function ticketdb.repeated_scan(bigint, int, timestamptz) from public;
comment on function ticketdb.repeated_scan(bigint, int, timestamptz) is
'Verdict on a further scan of a ticket: admitted, exited or already_used';
