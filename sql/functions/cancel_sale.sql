-- Undoes a sale: tickets become void, seats go back on sale, and what was paid is due back. A hold is simply released. The
-- inside of cancel_reservation; the trigger on bookings calls it. A second cancellation of a sale answers like the first.
-- locks: event_passes (for a place of one), as lock_reservation, then as undo_sales
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
    perform ticketdb.lock_pass_of(p_reservation_id);
    v_reservation := ticketdb.lock_reservation(p_reservation_id);
    perform ticketdb.refuse_closed(p_reservation_id, v_reservation.status, v_reservation.expires_at, 'cancelled');
    if v_reservation.status = 'cancelled' then
        return;
    end if;

    perform ticketdb.undo_sales(array[p_reservation_id], p_reason, clock_timestamp());
end
$$;
revoke execute on function ticketdb.cancel_sale(bigint, text) from public;
comment on function ticketdb.cancel_sale(bigint, text) is
'Undo a sale: void its tickets, free its seats, note the refund';
