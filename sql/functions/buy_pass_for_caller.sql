-- Buys a pass for the signed-in buyer who calls. The way of buy_pass for whoever may not run the inside of selling.
-- locks: as hold_pass
-- raises: not_allowed, and what hold_pass raises
create or replace function ticketdb.buy_pass_for_caller(
    p_pass_type_id int,
    p_starts_on date,
    p_user_id int,
    p_renews boolean,
    p_idempotency_key text,
    p_contact jsonb
)
returns public.pass_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
    v_id bigint;
begin
    -- what is not public yet does not exist for him
    if exists (
        select
        from public.pass_types as t
        inner join public.event_definitions as d on d.id = t.event_definition_id
        where t.id = p_pass_type_id and not (t.is_active and d.is_active)
    ) then
        perform ticketdb.refuse_pass_type(p_pass_type_id);
    end if;
    v_id := ticketdb.hold_pass(
        p_pass_type_id, p_starts_on, v_user_id, p_renews, ticketdb.caller_key(v_user_id, p_idempotency_key), p_contact
    );
    return ticketdb.pass_receipt(v_id);
end
$$;
revoke execute on function ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb) from public;
comment on function ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb) is
'Buy a pass for the signed-in buyer who calls';
