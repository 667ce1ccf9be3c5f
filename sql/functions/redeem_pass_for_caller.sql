-- Uses a pass of the signed-in buyer who calls. Those of others do not exist for him. The way of redeem_pass for whoever may not
-- run the inside of selling.
-- locks: as take_visit
-- raises: not_allowed, and what take_visit raises
create or replace function ticketdb.redeem_pass_for_caller(p_pass_id bigint, p_schedule_id int)
returns public.visit_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    perform ticketdb.require_own_pass(p_pass_id);
    -- an event that is not public yet does not exist for him
    if exists (
        select
        from public.event_schedules as s
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where s.id = p_schedule_id and not d.is_active
    ) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    v_id := ticketdb.take_visit(p_pass_id, p_schedule_id);
    return ticketdb.visit_receipt(v_id);
end
$$;
revoke execute on function ticketdb.redeem_pass_for_caller(bigint, int) from public;
comment on function ticketdb.redeem_pass_for_caller(bigint, int) is
'Redeem a pass of the signed-in buyer who calls';
