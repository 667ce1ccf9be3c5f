-- Decides on the renewal of a pass of the signed-in buyer who calls. Those of others do not exist for him. The way of
-- set_pass_renewal for whoever may not run the inside of selling.
-- locks: as change_renewal
-- raises: not_allowed, and what change_renewal raises
create or replace function ticketdb.set_pass_renewal_for_caller(p_pass_id bigint, p_renews boolean)
returns public.pass_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_own_pass(p_pass_id);
    perform ticketdb.change_renewal(p_pass_id, p_renews);
    return ticketdb.pass_receipt(p_pass_id);
end
$$;
revoke execute on function ticketdb.set_pass_renewal_for_caller(bigint, boolean) from public;
comment on function ticketdb.set_pass_renewal_for_caller(bigint, boolean) is
'Set the renewal of a pass of the signed-in buyer who calls';
