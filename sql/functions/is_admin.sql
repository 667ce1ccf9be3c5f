-- Whether the caller's token is an admin's. Called by is_staff, and by the functions that act for an admin with their owner's rights.
-- locks: none
-- raises: nothing
create or replace function ticketdb.is_admin()
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(ticketdb.caller_claims() #>> '{app_metadata,role}' = 'admin', false);
end
$$;
revoke execute on function ticketdb.is_admin() from public;
comment on function ticketdb.is_admin() is 'Whether the claim app_metadata.role of the caller''s token is admin';
