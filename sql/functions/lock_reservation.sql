-- Locks a reservation until the end of the transaction and says what it is. Called by whatever changes one.
-- locks: bookings (key share, where it follows one), ticket_reservations
-- raises: invalid_argument, reservation_not_found
create or replace function ticketdb.lock_reservation(
    p_reservation_id bigint,
    out quantity int,
    out total_amount numeric,
    out status text,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_booking_id int;
begin
    if p_reservation_id is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_reservation_id is null', 'Pass the id that reserve_tickets returned.'
        );
    end if;
    select r.quantity, r.total_amount, r.status, r.expires_at into quantity, total_amount, status, expires_at
    from public.ticket_reservations as r
    where r.id = p_reservation_id and r.booking_id is null
    for no key update;
    if found then
        return;
    end if;

    select r.booking_id into v_booking_id
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    -- participants that are written later refer to the booking
    perform from public.bookings as b where b.id = v_booking_id for key share;
    select r.quantity, r.total_amount, r.status, r.expires_at into quantity, total_amount, status, expires_at
    from public.ticket_reservations as r
    where r.id = p_reservation_id
    for no key update;
    if not found then
        perform ticketdb.refuse_reservation(p_reservation_id);
    end if;
end
$$;
revoke execute on function ticketdb.lock_reservation(bigint) from public;
comment on function ticketdb.lock_reservation(bigint) is 'Lock a reservation and say what it is';
