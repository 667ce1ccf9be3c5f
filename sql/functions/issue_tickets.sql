-- Makes the valid tickets of a reservation as many as are wanted, and returns their codes. Missing ones are issued, the newest
-- surplus ones become void. Called wherever a reservation is confirmed, resized or cancelled.
-- locks: ticket_reservations (by the caller), event_tickets
-- raises: nothing
create or replace function ticketdb.issue_tickets(p_reservation_id bigint, p_wanted int)
returns uuid[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_codes uuid[] := ticketdb.valid_ticket_codes(p_reservation_id);
    v_valid constant int := cardinality(v_codes);
begin
    if v_valid = p_wanted then
        return v_codes;
    end if;
    if v_valid < p_wanted then
        insert into public.event_tickets (reservation_id)
        select p_reservation_id
        from generate_series(1, p_wanted - v_valid);
    end if;
    if v_valid > p_wanted then
        -- in the order in which a batch of scans locks them
        perform t.id
        from public.event_tickets as t
        where t.reservation_id = p_reservation_id and t.status = 'valid'
        order by t.id
        for no key update;
        update public.event_tickets as t
        set status = 'void', voided_at = clock_timestamp()
        where t.id in (
            select v.id
            from public.event_tickets as v
            where v.reservation_id = p_reservation_id and v.status = 'valid'
            order by v.id desc
            limit v_valid - p_wanted
        );
    end if;
    return ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.issue_tickets(bigint, int) from public;
comment on function ticketdb.issue_tickets(bigint, int) is
'Issue or void tickets until the valid ones match the reservation; returns their codes';
