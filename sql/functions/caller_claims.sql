-- What the caller's token says, as PostgREST hands it over. Called by whatever asks who is calling.
-- locks: none
-- raises: nothing
create or replace function ticketdb.caller_claims()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return nullif(current_setting('request.jwt.claims', true), '')::jsonb;
end
$$;
revoke execute on function ticketdb.caller_claims() from public;
comment on function ticketdb.caller_claims() is 'Claims of the caller''s token; null on a direct connection';
