-- Refuses a caller who manages nothing. Called by require_staff, and by the functions that act for an admin with their owner's rights.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.require_admin()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.is_admin() then
        perform ticketdb.raise_error(
            'not_allowed', 'this takes an admin', 'Sign in as one: the claim app_metadata.role is admin.'
        );
    end if;
end
$$;
revoke execute on function ticketdb.require_admin() from public;
comment on function ticketdb.require_admin() is 'Refuse a caller whose token is not an admin''s';
