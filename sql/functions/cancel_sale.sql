-- Undoes a sale: tickets become void, seats go back on sale, and what was paid is due back. A hold is simply released. The
-- inside of cancel_reservation; the trigger on bookings calls it. A second cancellation of a sale answers like the first.
-- locks: as lock_reservation, then (by trigger) event_schedules, ticketdb.seat_buckets
-- raises: reservation_not_found, reservation_expired, reservation_released
create or replace function ticketdb.cancel_sale(p_reservation_id bigint, p_reason text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
begin
    perform ticketdb.require_read_committed();
    v_reservation := ticketdb.lock_reservation(p_reservation_id);
    perform ticketdb.refuse_closed(p_reservation_id, v_reservation.status, v_reservation.expires_at, 'cancelled');
    if v_reservation.status = 'cancelled' then
        return;
    end if;

    update public.ticket_reservations as r
    set status = case when v_reservation.status = 'held' then 'released' else 'cancelled' end,
        closed_at = clock_timestamp(),
        close_reason = p_reason
    where r.id = p_reservation_id;
    update public.ticket_payments as p
    set refund_due = p.amount
    where p.reservation_id = p_reservation_id and p.refund_due <> p.amount;
    -- in the order in which scan_ticket locks them
    perform ticketdb.issue_tickets(p_reservation_id, 0);
    perform ticketdb.deactivate_participants(p_reservation_id);
end
$$;
revoke execute on function ticketdb.cancel_sale(bigint, text) from public;
comment on function ticketdb.cancel_sale(bigint, text) is
'Undo a sale: void its tickets, free its seats, note the refund';
