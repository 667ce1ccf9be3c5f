-- The face of ticketdb.quit_waitlist, and of leave_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.leave_waitlist(p_entry_id bigint)
returns public.waitlist_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        return ticketdb.leave_for_caller(p_entry_id);
    end if;
    perform ticketdb.quit_waitlist(p_entry_id);
    return ticketdb.waitlist_receipt(p_entry_id);
end
$$;
revoke execute on function public.leave_waitlist(bigint) from public;
comment on function public.leave_waitlist(bigint) is
'Leave the waiting list

Gives up a place; seats that were offered go to the next. A second call answers like the first, and a place that is lapsed or closed is
answered as it is. A signed-in buyer leaves what is his own. p_entry_id: from join_waitlist. Errors: not_allowed, invalid_argument,
reservation_not_found (no such place), already_confirmed (the offer is paid), reservation_expired.';
