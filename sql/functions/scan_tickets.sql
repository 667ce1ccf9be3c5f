-- Scans that a scanner made while it was offline: each is done as scan_ticket does it, in the order in which they were scanned, and
-- answered from the record, so that a batch that is sent again gets the same answers. What a door has done stands, whenever the
-- other door's scans arrive; who may have let somebody in twice is told so. The inside of check_in_batch.
-- locks: event_tickets, then (the application's) program_participants, each ascending
-- raises: invalid_argument
create or replace function ticketdb.scan_tickets(p_scans jsonb)
returns setof public.scan_answer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_most constant int := 1000;
    v_scans ticketdb.offline_scan[];
begin
    perform ticketdb.require_read_committed();
    if jsonb_typeof(p_scans) is distinct from 'array' or jsonb_array_length(p_scans) > v_most then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_scans is not an array of at most %s scans', v_most),
            'Pass [{"ticket_code", "scan_id", "scanned_at", "schedule_id", "gate"}, …], a part at a time where there are more.',
            jsonb_build_object('at_most', v_most)
        );
    end if;
    v_scans := array(select s from ticketdb.read_scans(p_scans) as s);
    perform ticketdb.lock_scanned(
        array(select s.ticket_code from unnest(v_scans) as s where s.problem is null and s.ticket_code is not null)
    );
    perform ticketdb.scan_ticket(d.ticket_code, d.schedule_id, d.gate, d.scan_id, d.scanned_at)
    from (
        select s.ticket_code, s.schedule_id, s.gate, s.scan_id, s.scanned_at
        from unnest(v_scans) as s
        where s.problem is null and s.ticket_code is not null
        order by s.scanned_at, s.line
    ) as d;

    return query
    select
        s.line, s.scan_id, s.sent_code,
        case
            when s.problem is not null or c.ticket_id <> t.id then 'invalid'
            when t.id is null then 'unknown'
            else c.result
        end,
        t.id, pp.name::text, case when t.id is not null then 1 end, t.scan_count, t.first_scanned_at,
        coalesce(
            c.ticket_id = t.id and case c.result
                when 'already_used' then used.gate is distinct from c.gate or used.scanned_at > c.scanned_at
                when 'void' then c.scanned_at < t.voided_at
            end,
            false
        ),
        case when c.ticket_id <> t.id then 'the scan_id was of another ticket' else s.problem end
    from unnest(v_scans) as s
    left join public.event_tickets as t on t.ticket_code = s.ticket_code and s.problem is null
    left join public.program_participants as pp on pp.id = t.participant_id
    left join public.ticket_check_ins as c on c.scan_id = s.scan_id and t.id is not null
    left join public.ticket_reservations as r on r.id = t.reservation_id
    left join public.event_schedules as es on es.id = r.schedule_id
    left join public.event_definitions as d on d.id = es.event_definition_id
    -- the scan that used it up, which is one of the same day where it admits once on each
    left join lateral (
        select a.gate, a.scanned_at
        from public.ticket_check_ins as a
        where a.ticket_id = c.ticket_id and a.result = 'admitted' and a.id < c.id
          and (
              d.admission_policy <> 'once_a_day'
              or (a.scanned_at at time zone d.timezone)::date = (c.scanned_at at time zone d.timezone)::date
          )
        order by a.id desc
        limit 1
    ) as used on true
    order by s.line;
end
$$;
revoke execute on function ticketdb.scan_tickets(jsonb) from public;
comment on function ticketdb.scan_tickets(jsonb) is 'Do the scans that a scanner made while it was offline';
