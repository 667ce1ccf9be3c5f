-- How often a message is tried before it is given up. With the pauses between, that is eight and a half hours. Asked where a message
-- is claimed and where an attempt has failed.
-- locks: none
-- raises: nothing
create or replace function ticketdb.most_attempts()
returns int
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return 10;
end
$$;
revoke execute on function ticketdb.most_attempts() from public;
comment on function ticketdb.most_attempts() is 'How often a message is tried before it is given up';
