-- Reserves for the signed-in buyer who calls: for himself, for no longer than usual, and only what is public. The way of reserve_tickets
-- for whoever may not run the inside of selling.
-- locks: as hold_tickets
-- raises: not_allowed, schedule_not_found, and what hold_tickets_once raises
create or replace function ticketdb.reserve_for_caller(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    p_user_id int,
    p_hold_for interval,
    p_idempotency_key text,
    p_contact jsonb
)
returns public.reservation_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
    v_key constant text := ticketdb.caller_key(v_user_id, p_idempotency_key);
    v_hold record;
    v_id bigint;
begin
    if p_hold_for > ticketdb.default_hold() then
        perform ticketdb.raise_error(
            'not_allowed', format('tickets cannot be held for %s', p_hold_for),
            format('Hold them for %s at most.', ticketdb.default_hold()), jsonb_build_object('hold_for', p_hold_for)
        );
    end if;
    if p_schedule_id is not null and not exists (
        select
        from public.event_schedules as s
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where s.id = p_schedule_id and d.is_active
    ) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;

    if v_key is null then
        v_hold := ticketdb.hold_tickets(p_schedule_id, p_quantity, p_ticket_type_id, v_user_id, p_hold_for, p_contact);
        v_id := v_hold.reservation_id;
    else
        v_id := ticketdb.hold_tickets_once(
            p_schedule_id, p_quantity, p_ticket_type_id, v_user_id, p_hold_for, p_contact, v_key
        );
    end if;
    return ticketdb.reservation_receipt(v_id);
end
$$;
revoke execute on function ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb) from public;
comment on function ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb) is
'Reserve tickets for the signed-in buyer who calls';
