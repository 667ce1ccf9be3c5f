-- Turns a reservation into a sale: participants, tickets, and last its status, with which triggers find it seats that it no longer
-- has, count them, and lock the occurrence's own row, for which all its other sales wait from there on. Called by
-- seat_paid_reservation.
-- locks: ticket_reservations (by the caller), program_participants, then (by trigger) as find_bucket and count_seats
-- raises: what find_bucket raises
create or replace function ticketdb.sell_seats(p_reservation_id bigint, p_quantity int, p_participants jsonb)
returns uuid[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_added boolean := ticketdb.add_participants(p_reservation_id, p_participants);
    v_codes constant uuid[] := ticketdb.issue_tickets(p_reservation_id, p_quantity);
begin
    update public.ticket_reservations as r
    set status = 'confirmed', confirmed_at = clock_timestamp(), closed_at = null, close_reason = null,
        bucket = case when r.status = 'held' then r.bucket end
    where r.id = p_reservation_id;
    return v_codes;
end
$$;
revoke execute on function ticketdb.sell_seats(bigint, int, jsonb) from public;
comment on function ticketdb.sell_seats(bigint, int, jsonb) is
'Turn a reservation into a sale; returns the codes of its tickets';
