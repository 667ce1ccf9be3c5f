-- The face of ticketdb.take_visit, and of redeem_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.redeem_pass(p_pass_id bigint, p_schedule_id int)
returns public.visit_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    if not ticketdb.may_sell() then
        return ticketdb.redeem_pass_for_caller(p_pass_id, p_schedule_id);
    end if;
    v_id := ticketdb.take_visit(p_pass_id, p_schedule_id);
    return ticketdb.visit_receipt(v_id);
end
$$;
revoke execute on function public.redeem_pass(bigint, int) from public;
comment on function public.redeem_pass(bigint, int) is
'Redeem a pass

One visit of a pass becomes a place on an occurrence of its event, with a ticket, at once. A monthly pass gets back a place that it
gave up. Asked again for the same occurrence it answers with the place that is there. A signed-in buyer uses his own passes. Where a
pass is not valid, the problem in the error''s detail is held, refund_due, released, cancelled, other_event, outside_period, paused or
used_up. p_pass_id: from buy_pass; p_schedule_id: an occurrence in its period. Errors: those of reserve_tickets, pass_not_found,
pass_not_valid.';
