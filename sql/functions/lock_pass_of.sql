-- Locks the pass that a reservation is a place of, for a pass comes before its places; an imported pass counts none, so its places, which
-- may follow bookings, are closed without it. Called by cancel_sale, before it locks the reservation.
-- locks: event_passes
-- raises: nothing
create or replace function ticketdb.lock_pass_of(p_reservation_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from public.event_passes as e
    where e.id = (
        select r.pass_id from public.ticket_reservations as r where r.id = p_reservation_id and r.origin = 'pass'
    )
    for no key update;
end
$$;
revoke execute on function ticketdb.lock_pass_of(bigint) from public;
comment on function ticketdb.lock_pass_of(bigint) is 'Lock the pass that a reservation is a place of';
