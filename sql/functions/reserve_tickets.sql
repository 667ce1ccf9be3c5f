-- The face of ticketdb.hold_tickets and hold_tickets_once, and of reserve_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.reserve_tickets(
    p_schedule_id int,
    p_quantity int default 1,
    p_ticket_type_id int default null,
    p_user_id int default null,
    p_hold_for interval default null,
    p_idempotency_key text default null,
    p_contact jsonb default null,
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
declare
    v_hold record;
begin
    -- may_sell, written out: the call would be a tenth of a reservation
    if not has_function_privilege('ticketdb.release_hold(bigint)'::regprocedure, 'execute') then
        select r.* into
            reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
            expires_at
        from ticketdb.reserve_for_caller(
            p_schedule_id, p_quantity, p_ticket_type_id, p_user_id, p_hold_for, p_idempotency_key, p_contact
        ) as r;
        return;
    end if;
    if p_idempotency_key is null then
        v_hold := ticketdb.hold_tickets(
            p_schedule_id, p_quantity, p_ticket_type_id, p_user_id, p_hold_for, p_contact
        );
        -- as the row has it, without reading it again
        reservation_id := v_hold.reservation_id;
        reservation_code := v_hold.reservation_code;
        schedule_id := p_schedule_id;
        ticket_type_id := p_ticket_type_id;
        quantity := p_quantity;
        unit_price := v_hold.unit_price;
        total_amount := v_hold.total_amount;
        status := 'held';
        expires_at := v_hold.expires_at;
        return;
    end if;
    select r.* into
        reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
        expires_at
    from ticketdb.reservation_receipt(ticketdb.hold_tickets_once(
        p_schedule_id, p_quantity, p_ticket_type_id, p_user_id, p_hold_for, p_contact, p_idempotency_key
    )) as r;
end
$$;
revoke execute on function public.reserve_tickets(int, int, int, int, interval, text, jsonb) from public;
comment on function public.reserve_tickets(int, int, int, int, interval, text, jsonb) is
'Reserve tickets

Takes tickets out of sale until they are paid (confirm_reservation), given up (release_reservation) or p_hold_for has
passed, by default 15 minutes. The same p_idempotency_key with the same arguments returns the same reservation.
Amounts are in the venue''s currency. A signed-in buyer reserves for himself, for 15 minutes at most.
p_schedule_id: from v_event_availability; p_quantity: 1 to 10000; p_ticket_type_id: null means general admission; p_user_id: a
row of users, null for a guest; p_contact: {"name", "mobile", "email"}. Errors: not_allowed, invalid_quantity, invalid_argument,
schedule_not_found, ticket_type_not_found, sold_out, ticket_type_sold_out, not_on_sale, schedule_cancelled, schedule_completed,
schedule_blocked, limit_per_user, idempotency_key_reused.';
