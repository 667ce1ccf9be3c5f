-- Turns a reservation into a sale: participants, tickets, and last its status, with which triggers find it seats that it no longer
-- has, count them, and lock the occurrence's own row. What the caller will be told is read before that, so that nothing is left to be
-- done while all other sales wait for that row. Called by seat_paid_reservation.
-- locks: ticket_reservations (by the caller), program_participants, then (by trigger) as find_bucket and count_seats
-- raises: what find_bucket raises
create or replace function ticketdb.sell_seats(
    p_reservation_id bigint,
    p_participants jsonb,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_receipt record;
begin
    perform ticketdb.add_participants(p_reservation_id, p_participants);
    perform ticketdb.issue_tickets(p_reservation_id, r.quantity)
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    v_receipt := ticketdb.sale_receipt(p_reservation_id);
    ticket_codes := v_receipt.ticket_codes;
    refund_due := v_receipt.refund_due;
    update public.ticket_reservations as r
    set status = 'confirmed', confirmed_at = clock_timestamp(), closed_at = null, close_reason = null,
        bucket = case when r.status = 'held' then r.bucket end
    where r.id = p_reservation_id;
end
$$;
revoke execute on function ticketdb.sell_seats(bigint, jsonb) from public;
comment on function ticketdb.sell_seats(bigint, jsonb) is
'Turn a reservation into a sale; returns its tickets and what is due back of other payments';
