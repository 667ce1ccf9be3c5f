-- Takes tickets out of sale until they are paid or the hold lapses. The inside of reserve_tickets; the trigger on bookings
-- calls it for the application's pending bookings. Every statement in it is paid for by every buyer of a hot sale, so
-- functions are called in expressions, which costs less than a query each.
-- locks: as take_offered_seats
-- raises: invalid_quantity, invalid_argument, and what take_offered_seats raises
create or replace function ticketdb.hold_tickets(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    p_user_id int,
    p_hold_for interval,
    p_contact jsonb,
    p_idempotency_key text default null,
    p_request jsonb default null,
    p_booking_id int default null,
    p_total_amount numeric default null,
    out reservation_id bigint,
    out reservation_code text,
    out unit_price numeric,
    out total_amount numeric,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hold_for constant interval := coalesce(p_hold_for, ticketdb.default_hold());
    v_checked constant boolean := ticketdb.require_read_committed()
        and ticketdb.check_reservation_arguments(p_schedule_id, p_quantity, p_user_id, v_hold_for, p_contact);
    v_taken record;
begin
    v_taken := ticketdb.take_offered_seats(p_schedule_id, p_ticket_type_id, p_quantity, p_user_id);
    unit_price := v_taken.price;
    total_amount := coalesce(p_total_amount, ticketdb.total_price(unit_price, p_quantity));
    expires_at := clock_timestamp() + v_hold_for;
    insert into public.ticket_reservations as r (
        schedule_id, ticket_type_id, user_id, booking_id, quantity, unit_price, total_amount, expires_at, origin,
        idempotency_key, request, contact, bucket
    )
    values (
        p_schedule_id, p_ticket_type_id, p_user_id, p_booking_id, p_quantity, hold_tickets.unit_price,
        hold_tickets.total_amount, hold_tickets.expires_at,
        case when p_booking_id is null then 'api' else 'booking' end,
        p_idempotency_key, p_request, p_contact, v_taken.bucket
    )
    returning r.id, r.reservation_code into reservation_id, reservation_code;
end
$$;
revoke execute on function ticketdb.hold_tickets(int, int, int, int, interval, jsonb, text, jsonb, int, numeric) from public;
comment on function ticketdb.hold_tickets(int, int, int, int, interval, jsonb, text, jsonb, int, numeric) is
'Hold tickets

p_hold_for: default 15 minutes; p_total_amount: default quantity times price; p_booking_id: the application''s booking.';
