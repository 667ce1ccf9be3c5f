-- The face of ticketdb.close_pass, and of cancel_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.cancel_pass(p_pass_id bigint, p_reason text default null)
returns public.pass_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        return ticketdb.cancel_pass_for_caller(p_pass_id);
    end if;
    perform ticketdb.close_pass(p_pass_id, p_reason);
    return ticketdb.pass_receipt(p_pass_id);
end
$$;
revoke execute on function public.cancel_pass(bigint, text) from public;
comment on function public.cancel_pass(bigint, text) is
'Cancel a pass

A pass that is not paid is released. Of a paid one the places to come go back on sale, and refund_due is what the buyer has to get
back: what was paid, by the share of its visits, or of the occurrences it was sold with, that have not begun with a place of it;
rounded half up to the paisa, and never more than was paid. A signed-in buyer gives up his own while it is not paid. A second
call answers like the first. p_pass_id: from buy_pass; p_reason: kept with it. Errors: pass_not_found, not_allowed.';
