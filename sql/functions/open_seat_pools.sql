-- Gives each new occurrence its seat pool. Called by trigger after occurrences are inserted.
-- locks: ticketdb.seat_pools
-- raises: nothing
create or replace function ticketdb.open_seat_pools()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into ticketdb.seat_pools (schedule_id, capacity)
    select n.id, n.max_tickets
    from new_rows as n;
    return null;
end
$$;
revoke execute on function ticketdb.open_seat_pools() from public;
comment on function ticketdb.open_seat_pools() is 'Trigger: make the seat pool of each new occurrence';
