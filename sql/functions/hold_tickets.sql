-- Takes tickets out of sale until they are paid or the hold lapses. The inside of reserve_tickets; the trigger on bookings
-- calls it for the application's pending bookings.
-- locks: as quote_tickets; then (by trigger) ticketdb.seat_pools
-- raises: invalid_quantity, invalid_argument, idempotency_key_reused, and what quote_tickets raises
create or replace function ticketdb.hold_tickets(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    p_user_id int,
    p_hold_for interval,
    p_idempotency_key text,
    p_contact jsonb,
    p_booking_id int default null,
    p_total_amount numeric default null
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hold_for constant interval := coalesce(p_hold_for, ticketdb.default_hold());
    v_request constant jsonb := jsonb_build_object(
        'schedule_id', p_schedule_id, 'quantity', p_quantity, 'ticket_type_id', p_ticket_type_id,
        'user_id', p_user_id, 'hold_seconds', extract(epoch from p_hold_for), 'contact', p_contact
    );
    v_price numeric;
    v_id bigint;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity, p_user_id, v_hold_for, p_contact);

    v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    if v_id is not null then
        return v_id;
    end if;

    if p_idempotency_key is null then
        v_price := ticketdb.quote_tickets(p_schedule_id, p_quantity, p_ticket_type_id);
    else
        begin
            v_price := ticketdb.quote_tickets(p_schedule_id, p_quantity, p_ticket_type_id);
        exception
            when sqlstate 'PT409' then
                -- the last seats may have gone to this very order, sent twice at once
                v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
                if v_id is null then
                    raise;
                end if;
                return v_id;
        end;
    end if;
    if v_price * p_quantity > 99999999.99 then
        perform ticketdb.raise_error(
            'invalid_quantity', format('%s tickets at %s cost more than an amount can be', p_quantity, v_price),
            'Ask for fewer tickets.', jsonb_build_object('requested', p_quantity)
        );
    end if;
    insert into public.ticket_reservations (
        schedule_id, ticket_type_id, user_id, booking_id, quantity, unit_price, total_amount, status,
        expires_at, origin, idempotency_key, request, contact
    )
    values (
        p_schedule_id, p_ticket_type_id, p_user_id, p_booking_id, p_quantity, v_price,
        coalesce(p_total_amount, v_price * p_quantity), 'held',
        clock_timestamp() + v_hold_for,
        case when p_booking_id is null then 'api' else 'booking' end,
        p_idempotency_key, case when p_idempotency_key is not null then v_request end, p_contact
    )
    on conflict on constraint idempotency_key_unique do nothing
    returning id into v_id;
    if v_id is null then
        -- somebody else came first with the same key, a moment ago
        v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    end if;
    return v_id;
end
$$;
revoke execute on function ticketdb.hold_tickets(int, int, int, int, interval, text, jsonb, int, numeric) from public;
comment on function ticketdb.hold_tickets(int, int, int, int, interval, text, jsonb, int, numeric) is
'Hold tickets; returns the id of the reservation

p_hold_for: default 15 minutes; p_total_amount: default quantity times price; p_booking_id: the application''s booking.';
