-- A booking whose hold had ended is pending again: it takes seats like a new one. Called by follow_booking.
-- locks: ticket_reservations (by the caller), then as lock_moving_seats, check_limits and (by trigger) find_bucket
-- raises: what find_offer, check_limits and find_bucket raise
create or replace function ticketdb.hold_booking_again(
    p_reservation_id bigint,
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    p_total_amount numeric
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
begin
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    perform ticketdb.lock_moving_seats(p_reservation_id, p_schedule_id);
    -- a lapsed hold gives up its old seats first
    update public.ticket_reservations as r
    set status = 'expired'
    where r.id = p_reservation_id and r.status = 'held';
    v_offer := ticketdb.find_offer(p_schedule_id, p_ticket_type_id);
    perform ticketdb.check_limits(p_schedule_id, p_quantity, r.user_id, v_offer.max_per_order, v_offer.limit_per_user)
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    update public.ticket_reservations as r
    set schedule_id = p_schedule_id, ticket_type_id = p_ticket_type_id, quantity = p_quantity,
        unit_price = v_offer.price, total_amount = coalesce(p_total_amount, v_offer.price * p_quantity),
        status = 'held', expires_at = clock_timestamp() + ticketdb.default_hold(),
        closed_at = null, close_reason = null, bucket = null
    where r.id = p_reservation_id;
end
$$;
revoke execute on function ticketdb.hold_booking_again(bigint, int, int, int, numeric) from public;
comment on function ticketdb.hold_booking_again(bigint, int, int, int, numeric) is
'Hold tickets again for a booking whose hold had ended';
