-- Gives up a place in a waiting list of the signed-in buyer who calls. Those of others do not exist for him. The way of
-- leave_waitlist for whoever may not run the inside of selling.
-- locks: as quit_waitlist
-- raises: not_allowed, and what quit_waitlist raises
create or replace function ticketdb.leave_for_caller(p_entry_id bigint)
returns public.waitlist_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if p_entry_id is not null and not exists (
        select from public.event_waitlist as e where e.id = p_entry_id and e.user_id = v_user_id
    ) then
        perform ticketdb.refuse_waitlist_entry(p_entry_id);
    end if;
    perform ticketdb.quit_waitlist(p_entry_id);
    return ticketdb.waitlist_receipt(p_entry_id);
end
$$;
revoke execute on function ticketdb.leave_for_caller(bigint) from public;
comment on function ticketdb.leave_for_caller(bigint) is
'Give up a place in a waiting list of the signed-in buyer who calls';
