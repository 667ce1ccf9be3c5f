-- Holds tickets for an order that has a key of the caller's: however often it is sent, and however many of it arrive at once,
-- it is one order. Called by reserve_tickets.
-- locks: as hold_tickets
-- raises: idempotency_key_reused, invalid_argument, and what hold_tickets raises
create or replace function ticketdb.hold_tickets_once(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    p_user_id int,
    p_hold_for interval,
    p_contact jsonb,
    p_idempotency_key text
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_request constant jsonb := jsonb_build_object(
        'schedule_id', p_schedule_id, 'quantity', p_quantity, 'ticket_type_id', p_ticket_type_id,
        'user_id', p_user_id, 'hold_seconds', extract(epoch from p_hold_for), 'contact', p_contact
    );
    v_id bigint := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    v_hold record;
begin
    if v_id is not null then
        return v_id;
    end if;
    v_hold := ticketdb.hold_tickets(
        p_schedule_id, p_quantity, p_ticket_type_id, p_user_id, p_hold_for, p_contact, p_idempotency_key, v_request
    );
    return v_hold.reservation_id;
exception
    when unique_violation or sqlstate 'PT409' then
        -- this very order, sent twice at once, may have come first, or taken the last seats; its seats here are given back
        v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
        if v_id is null then
            raise;
        end if;
        return v_id;
end
$$;
revoke execute on function ticketdb.hold_tickets_once(int, int, int, int, interval, jsonb, text) from public;
comment on function ticketdb.hold_tickets_once(int, int, int, int, interval, jsonb, text) is
'Hold tickets for an order with an idempotency key; returns the id of the reservation';
