-- Who came, per occurrence, in numbers; staff only. Tickets count by the scans of the door. Whom the application itself marks as
-- verified, and who has no ticket that the door scanned, counts with his ticket_quantity, apart from them: imported participants
-- of past occurrences have no tickets.
create or replace view public.v_attendance
with (security_invoker = true)
as
select
    es.id as schedule_id,
    es.event_definition_id,
    ed.event_code,
    ed.title,
    ed.event_category,
    ed.event_type,
    es.schedule_date,
    es.start_time,
    es.starts_at,
    es.ends_at,
    ed.timezone,
    es.status,
    coalesce(es.space_id, ed.space_id) as space_id,
    ed.venue_id,
    ed.admission_policy,
    es.tickets_sold,
    door.tickets_admitted,
    app.verified_without_scan,
    least(door.tickets_admitted + app.verified_without_scan, es.tickets_sold) as attended,
    case
        when es.status <> 'cancelled' and es.ends_at <= now()
            then es.tickets_sold - least(door.tickets_admitted + app.verified_without_scan, es.tickets_sold)
    end as no_shows,
    case when ed.admission_policy = 'in_and_out' then door.inside end as inside_now,
    door.entries,
    door.exits,
    door.refused_scans,
    door.first_scanned_at,
    door.last_scanned_at,
    door.entries_by_gate
from public.event_schedules as es
inner join public.event_definitions as ed on ed.id = es.event_definition_id
cross join lateral (
    select
        coalesce(sum(g.tickets), 0)::int as tickets_admitted,
        coalesce(sum(g.entries), 0)::int as entries,
        coalesce(sum(g.exits), 0)::int as exits,
        coalesce(sum(g.inside), 0)::int as inside,
        coalesce(sum(g.refused), 0)::int as refused_scans,
        min(g.first_scanned_at) as first_scanned_at,
        max(g.last_scanned_at) as last_scanned_at,
        coalesce(jsonb_object_agg(g.gate, g.entries order by g.gate) filter (where g.entries > 0), '{}') as entries_by_gate
    from (
        select
            coalesce(c.gate, '') as gate,
            -- a ticket is counted with the scan that admitted it first
            count(*) filter (where t.status = 'valid' and c.id = c.first_entry) as tickets,
            count(*) filter (where c.result = 'admitted') as entries,
            count(*) filter (where c.result = 'exited') as exits,
            -- where the last scan that let the holder pass was his way in
            count(*) filter (where c.result = 'admitted' and c.id = c.last_pass) as inside,
            count(*) filter (where c.result not in ('admitted', 'exited')) as refused,
            min(c.scanned_at) as first_scanned_at,
            max(c.scanned_at) as last_scanned_at
        from public.ticket_reservations as r
        inner join public.event_tickets as t on t.reservation_id = r.id
        cross join lateral (
            select
                i.id, i.gate, i.result, i.scanned_at,
                min(i.id) filter (where i.result = 'admitted') over () as first_entry,
                max(i.id) filter (where i.result in ('admitted', 'exited')) over () as last_pass
            from public.ticket_check_ins as i
            where i.ticket_id = t.id
        ) as c
        where r.schedule_id = es.id
        group by coalesce(c.gate, '')
    ) as g
) as door
cross join lateral (
    select coalesce(sum(coalesce(nullif(p.ticket_quantity, 0), 1)), 0)::int as verified_without_scan
    from ticketdb.schedule_people as p
    where p.schedule_id = es.id
      and p.is_verified and p.is_active is not false
      and not exists (
          select from public.event_tickets as t
          where t.participant_id = p.participant_id and t.first_scanned_at is not null
      )
      and not exists (
          select from public.ticket_reservations as r
          inner join public.event_tickets as t on t.reservation_id = r.id
          where r.booking_id = p.booking_id and t.first_scanned_at is not null
      )
) as app
where (select ticketdb.is_staff());
revoke all on public.v_attendance from public;
comment on view public.v_attendance is
'Attendance

Who came to each occurrence, in numbers: tickets sold, admitted, not used, people inside, scans by gate. Staff only.';
comment on column public.v_attendance.schedule_id is 'Occurrence';
comment on column public.v_attendance.event_definition_id is 'Event';
comment on column public.v_attendance.event_code is 'Code of the event';
comment on column public.v_attendance.title is 'Title of the event';
comment on column public.v_attendance.event_category is 'Category of the event';
comment on column public.v_attendance.event_type is 'Type of the event';
comment on column public.v_attendance.schedule_date is 'Local date on which it starts';
comment on column public.v_attendance.start_time is 'Local start time';
comment on column public.v_attendance.starts_at is 'Instant of the start';
comment on column public.v_attendance.ends_at is 'Instant of the end';
comment on column public.v_attendance.timezone is 'IANA name of the zone of the local times';
comment on column public.v_attendance.status is 'scheduled, cancelled or completed';
comment on column public.v_attendance.space_id is 'Space it takes place in';
comment on column public.v_attendance.venue_id is 'Venue it takes place at';
comment on column public.v_attendance.admission_policy is
'How often a ticket admits: once, n_entries, once_a_day or in_and_out';
comment on column public.v_attendance.tickets_sold is 'Confirmed tickets';
comment on column public.v_attendance.tickets_admitted is 'Valid tickets that admitted their holder at least once';
comment on column public.v_attendance.verified_without_scan is
'Tickets of participants whom the application marks as verified and of whom the door scanned no ticket';
comment on column public.v_attendance.attended is 'Both together, not more than were sold';
comment on column public.v_attendance.no_shows is
'Sold tickets whose holders did not come; null before the end and for a cancelled occurrence';
comment on column public.v_attendance.inside_now is
'Holders who came in and have not left since, where the policy is in_and_out; null elsewhere';
comment on column public.v_attendance.entries is 'Scans that admitted; with re-entries more than tickets';
comment on column public.v_attendance.exits is 'Scans of holders who left';
comment on column public.v_attendance.refused_scans is
'Scans that admitted nobody: already used, void or for another occurrence';
comment on column public.v_attendance.first_scanned_at is 'When the first ticket was scanned, by the scanner''s word';
comment on column public.v_attendance.last_scanned_at is 'When the last one was';
comment on column public.v_attendance.entries_by_gate is
'Entries at each gate: {"north": 12}; without a gate under the empty name';
