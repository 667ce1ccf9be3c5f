-- How long seats are held for who gets them from the waiting list, where the event does not say. Called by offer_seats.
-- locks: none
-- raises: nothing
create or replace function ticketdb.default_offer_time()
returns interval
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return interval '24 hours';
end
$$;
revoke execute on function ticketdb.default_offer_time() from public;
comment on function ticketdb.default_offer_time() is 'How long an offer of the waiting list stands by default';
