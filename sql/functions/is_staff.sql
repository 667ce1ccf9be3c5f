-- Whether the caller sees and manages everybody's: the owner and the payment server, who may run the inside of selling, and an
-- admin by his token. Called by policies and views, in a sub-select, and by require_staff. Never from a security definer function:
-- there the owner would be asking.
-- locks: none
-- raises: nothing
create or replace function ticketdb.is_staff()
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.may_sell() or ticketdb.is_admin();
end
$$;
revoke execute on function ticketdb.is_staff() from public;
comment on function ticketdb.is_staff() is
'Whether the caller is the owner, the payment server, or an admin by the claim app_metadata.role';
