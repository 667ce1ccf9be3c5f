-- The face of ticketdb.release_hold.
-- locks, raises: as release_hold
create or replace function public.release_reservation(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out schedule_id int,
    out ticket_type_id int,
    out quantity int,
    out unit_price numeric,
    out total_amount numeric,
    out status text,
    out expires_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.release_hold(p_reservation_id);
    select r.* into
        reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
        expires_at
    from ticketdb.reservation_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.release_reservation(bigint) from public;
comment on function public.release_reservation(bigint) is
'Release a reservation

The buyer walked away before paying: the tickets go back on sale at once. A second release answers like the first.
Errors: reservation_not_found, already_confirmed, reservation_expired, reservation_cancelled.';
