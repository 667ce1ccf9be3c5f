-- How long tickets are held where nobody says otherwise. Called wherever a hold begins.
-- locks: none
-- raises: nothing
create or replace function ticketdb.default_hold()
returns interval
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return interval '15 minutes';
end
$$;
revoke execute on function ticketdb.default_hold() from public;
comment on function ticketdb.default_hold() is 'How long tickets are held by default';
