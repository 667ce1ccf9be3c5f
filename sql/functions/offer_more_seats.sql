-- Offers a higher capacity to those who wait. Called by trigger when the transaction ends, as offer_freed_seats is.
-- locks, raises: as offer_seats
create or replace function ticketdb.offer_more_seats()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.offer_seats(new.id);
    return null;
end
$$;
revoke execute on function ticketdb.offer_more_seats() from public;
comment on function ticketdb.offer_more_seats() is 'Trigger: offer the seats of a higher capacity to those who wait';
