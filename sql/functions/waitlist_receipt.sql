-- A place in the waiting list as who has it gets to see it. Called by join_waitlist and leave_waitlist and their ways for buyers.
-- locks: none
-- raises: nothing
create or replace function ticketdb.waitlist_receipt(
    p_entry_id bigint,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select w.entry_id, w.schedule_id, w.quantity, w.status, w.position, w.reservation_id, w.expires_at
    into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from public.v_waitlist as w
    where w.entry_id = p_entry_id;
end
$$;
revoke execute on function ticketdb.waitlist_receipt(bigint) from public;
comment on function ticketdb.waitlist_receipt(bigint) is 'A place in the waiting list as who has it gets to see it';
