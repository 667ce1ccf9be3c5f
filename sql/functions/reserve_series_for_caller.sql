-- Reserves a series for the signed-in buyer who calls. The way of reserve_series for whoever may not run the inside of selling.
-- locks: as hold_series
-- raises: not_allowed, definition_not_found, and what hold_series raises
create or replace function ticketdb.reserve_series_for_caller(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp,
    p_quantity int,
    p_user_id int,
    p_idempotency_key text,
    p_contact jsonb
)
returns setof public.reservation_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
begin
    -- an event that is not public yet does not exist for him
    if exists (select from public.event_definitions as d where d.id = p_event_definition_id and not d.is_active) then
        perform ticketdb.refuse_definition(p_event_definition_id);
    end if;
    return query
    select r.*
    from ticketdb.series_receipt(ticketdb.hold_series(
        p_event_definition_id, p_start_date, p_end_date, p_quantity, v_user_id,
        ticketdb.caller_key(v_user_id, p_idempotency_key), p_contact
    )) as r;
end
$$;
revoke execute on function ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb) from public;
comment on function ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb) is
'Reserve a series for the signed-in buyer who calls';
