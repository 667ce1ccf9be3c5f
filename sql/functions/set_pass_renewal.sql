-- The face of ticketdb.change_renewal, and of set_pass_renewal_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.set_pass_renewal(p_pass_id bigint, p_renews boolean)
returns public.pass_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        return ticketdb.set_pass_renewal_for_caller(p_pass_id, p_renews);
    end if;
    perform ticketdb.change_renewal(p_pass_id, p_renews);
    return ticketdb.pass_receipt(p_pass_id);
end
$$;
revoke execute on function public.set_pass_renewal(bigint, boolean) from public;
comment on function public.set_pass_renewal(bigint, boolean) is
'Set the renewal of a pass

Whether the daily round makes the next period of a pass before it ends: a pass of its own, held until it begins, to be paid
with confirm_pass. A signed-in buyer decides for his own. p_pass_id: from buy_pass; p_renews: true or false.
Errors: invalid_argument, pass_not_found, pass_not_valid, not_allowed.';
