-- A reservation as its buyer gets to see it. Called by reserve_tickets and release_reservation.
-- locks: none
-- raises: nothing
create or replace function ticketdb.reservation_receipt(p_reservation_id bigint)
returns public.reservation_receipt_row
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        r.id, r.reservation_code, r.schedule_id, r.ticket_type_id, r.quantity, r.unit_price, r.total_amount, r.status,
        r.expires_at
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
$$;
revoke execute on function ticketdb.reservation_receipt(bigint) from public;
comment on function ticketdb.reservation_receipt(bigint) is 'A reservation as its buyer gets to see it';
