-- Gives up a pass of the signed-in buyer who calls, while it is not paid. Those of others do not exist for him. The way of
-- cancel_pass for whoever may not run the inside of selling.
-- locks: as close_pass
-- raises: not_allowed, and what close_pass raises
create or replace function ticketdb.cancel_pass_for_caller(p_pass_id bigint)
returns public.pass_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass record;
begin
    perform ticketdb.require_own_pass(p_pass_id);
    v_pass := ticketdb.lock_pass(p_pass_id);
    if v_pass.status not in ('held', 'released') then
        perform ticketdb.raise_error(
            'not_allowed', format('pass %s is paid', p_pass_id), 'Ask the venue to cancel it.',
            jsonb_build_object('pass_id', p_pass_id, 'status', v_pass.status)
        );
    end if;
    perform ticketdb.close_pass(p_pass_id, null);
    return ticketdb.pass_receipt(p_pass_id);
end
$$;
revoke execute on function ticketdb.cancel_pass_for_caller(bigint) from public;
comment on function ticketdb.cancel_pass_for_caller(bigint) is
'Give up a pass of the signed-in buyer who calls';
