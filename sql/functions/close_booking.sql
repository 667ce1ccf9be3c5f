-- The application cancelled, deleted or unlinked a booking: whatever its reservation still has goes back. An imported one is
-- from then on followed like any other. Called by follow_booking.
-- locks: as cancel_sale
-- raises: nothing
create or replace function ticketdb.close_booking(p_reservation_id bigint, p_booking_reference text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.ticket_reservations as r
    set origin = 'booking'
    where r.id = p_reservation_id and r.origin <> 'booking';
    update public.ticket_reservations as r
    set status = 'released', closed_at = clock_timestamp()
    where r.id = p_reservation_id and r.status = 'held';
    if not found and exists (
        select from public.ticket_reservations as r
        where r.id = p_reservation_id and r.status in ('confirmed', 'refund_due')
    ) then
        perform ticketdb.cancel_sale(p_reservation_id, 'booking ' || p_booking_reference || ' was cancelled');
    end if;
end
$$;
revoke execute on function ticketdb.close_booking(bigint, text) from public;
comment on function ticketdb.close_booking(bigint, text) is 'Close the reservation of a booking; null is passed over';
