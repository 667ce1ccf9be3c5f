-- Undoes reservations that the caller has locked: sales are cancelled, their tickets become void and what was paid is due back, so far
-- as it was not given back already; live holds are released, lapsed ones expired. Seats go back by trigger. Called by cancel_sale
-- for one and by call_off_schedule for all of an occurrence, in one statement for each table.
-- locks: ticket_reservations (by the caller), then (by trigger) ticketdb.seat_buckets, event_schedules; then event_tickets and
--        program_participants, in the order in which scan_ticket locks them
-- raises: nothing
create or replace function ticketdb.undo_sales(p_reservation_ids bigint[], p_reason text, p_at timestamptz)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.ticket_reservations as r
    set status = case
            when r.status <> 'held' then 'cancelled'
            when r.expires_at <= p_at then 'expired'
            else 'released'
        end,
        closed_at = p_at,
        close_reason = p_reason
    where r.id = any (p_reservation_ids);
    update public.ticket_payments as p
    set refund_due = p.amount - p.refunded
    where p.reservation_id = any (p_reservation_ids) and p.refund_due <> p.amount - p.refunded;
    -- in the order in which a batch of scans locks them
    perform t.id
    from public.event_tickets as t
    where t.reservation_id = any (p_reservation_ids) and t.status = 'valid'
    order by t.id
    for no key update;
    update public.event_tickets as t
    set status = 'void', voided_at = p_at
    where t.reservation_id = any (p_reservation_ids) and t.status = 'valid';
    perform ticketdb.deactivate_participants(p_reservation_ids);
end
$$;
revoke execute on function ticketdb.undo_sales(bigint[], text, timestamptz) from public;
comment on function ticketdb.undo_sales(bigint[], text, timestamptz) is
'Undo sales and holds: void tickets, free seats, note refunds

p_reservation_ids: locked by the caller, held, confirmed or refund_due; p_at: when it counts as done.';
