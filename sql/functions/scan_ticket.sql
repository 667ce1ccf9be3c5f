-- Admits the holder of a ticket: whoever scans it first, at whichever gate, for the ticket stays locked until that is
-- written. What a later scan is told, repeated_scan decides. Every scan of a ticket is put on record. The inside of check_in and,
-- row by row, of check_in_batch.
-- locks: event_tickets, then (the application's) program_participants
-- raises: invalid_argument. A p_scan_id that was of another ticket is the result scan_id_reused: what it means is for the caller
create or replace function ticketdb.scan_ticket(
    p_ticket_code uuid,
    p_schedule_id int,
    p_gate text,
    p_scan_id uuid,
    p_scanned_at timestamptz,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ticket record;
    v_scanned record;
begin
    perform ticketdb.require_read_committed();
    if p_ticket_code is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_ticket_code is null', 'Pass the code of a row of event_tickets.'
        );
    end if;
    -- a year more on either side than read_scans lets pass, whatever the offset
    if p_scanned_at not between timestamptz '0999-01-01 00:00+00' and timestamptz '3001-01-01 00:00+00' then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_scanned_at %s is not a time of this calendar', p_scanned_at),
            'Pass a time of the years 1000 to 2999, or leave it out for now.', jsonb_build_object('scanned_at', p_scanned_at)
        );
    end if;
    select t.id, t.status, t.scan_count, t.first_scanned_at, t.participant_id, r.schedule_id into v_ticket
    from public.event_tickets as t
    inner join public.ticket_reservations as r on r.id = t.reservation_id
    where t.ticket_code = p_ticket_code
    for no key update of t;
    if not found then
        result := 'unknown';
        return;
    end if;
    ticket_id := v_ticket.id;
    quantity := 1;
    scan_count := v_ticket.scan_count;
    first_scanned_at := v_ticket.first_scanned_at;
    if v_ticket.participant_id is not null then
        select p.name::text into name
        from public.program_participants as p
        where p.id = v_ticket.participant_id;
    end if;

    if p_scan_id is not null then
        select c.ticket_id, c.result into v_scanned
        from public.ticket_check_ins as c
        where c.scan_id = p_scan_id;
        result := case when v_scanned.ticket_id <> v_ticket.id then 'scan_id_reused' else v_scanned.result end;
        if result is not null then
            return;
        end if;
    end if;

    result := case
        when v_ticket.schedule_id <> p_schedule_id then 'wrong_schedule'
        when v_ticket.status = 'void' then 'void'
        when v_ticket.first_scanned_at is null then 'admitted'
        else ticketdb.repeated_scan(v_ticket.id, v_ticket.schedule_id, p_scanned_at)
    end;
    insert into public.ticket_check_ins (ticket_id, scan_id, result, gate, scanned_at)
    values (v_ticket.id, p_scan_id, result, p_gate, p_scanned_at)
    on conflict do nothing;
    if not found then
        -- somebody used it for another ticket a moment ago
        result := 'scan_id_reused';
        return;
    end if;
    if result in ('admitted', 'exited', 'already_used') then
        scan_count := v_ticket.scan_count + 1;
        first_scanned_at := coalesce(v_ticket.first_scanned_at, p_scanned_at);
        update public.event_tickets as t
        set scan_count = scan_ticket.scan_count, first_scanned_at = scan_ticket.first_scanned_at
        where t.id = v_ticket.id;
    end if;
    if result = 'admitted' and v_ticket.participant_id is not null then
        perform ticketdb.verify_participant(v_ticket.participant_id);
    end if;
end
$$;
revoke execute on function ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz) from public;
comment on function ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz) is 'Admit the holder of a ticket';
