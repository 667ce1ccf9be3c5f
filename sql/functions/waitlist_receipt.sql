-- A place in the waiting list as who has it gets to see it. Called by join_waitlist and leave_waitlist and their ways for buyers.
-- locks: none
-- raises: nothing
create or replace function ticketdb.waitlist_receipt(p_entry_id bigint)
returns public.waitlist_receipt_row
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_receipt public.waitlist_receipt_row;
begin
    select w.entry_id, w.schedule_id, w.quantity, w.status, w.position, w.reservation_id, w.expires_at
    into v_receipt
    from public.v_waitlist as w
    where w.entry_id = p_entry_id;
    return v_receipt;
end
$$;
revoke execute on function ticketdb.waitlist_receipt(bigint) from public;
comment on function ticketdb.waitlist_receipt(bigint) is 'A place in the waiting list as who has it gets to see it';
