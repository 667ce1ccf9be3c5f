-- Locks a bucket if it has room for a party, of the occurrence and of the ticket type; otherwise leaves no lock behind. A
-- lock that was waited for stays even where the row no longer has room, and whoever then locked all buckets in order could
-- wait for one that waits for him: hence the inner transaction, which gives it back. Called by find_bucket.
-- locks: ticketdb.seat_buckets
-- raises: nothing
create or replace function ticketdb.try_bucket(
    p_schedule_id int,
    p_ticket_type_id int,
    p_bucket int,
    p_quantity int
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from ticketdb.seat_buckets as b
    where b.schedule_id = p_schedule_id and b.ticket_type_id = 0 and b.bucket = p_bucket
      and b.held + b.sold + p_quantity <= b.capacity
    for no key update;
    if found and p_ticket_type_id <> 0 then
        perform from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = p_bucket
          and (b.capacity is null or b.held + b.sold + p_quantity <= b.capacity)
        for no key update;
    end if;
    if not found then
        raise sqlstate 'TD001';
    end if;
    return true;
exception
    when sqlstate 'TD001' then return false;
end
$$;
revoke execute on function ticketdb.try_bucket(int, int, int, int) from public;
comment on function ticketdb.try_bucket(int, int, int, int) is
'Lock a bucket that has room for a party; false where it has none

p_ticket_type_id: 0 means none.';
