-- Refuses a caller who manages nothing. Called by the functions that write or show schedules before they are public.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.require_staff()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        perform ticketdb.require_admin();
    end if;
end
$$;
revoke execute on function ticketdb.require_staff() from public;
comment on function ticketdb.require_staff() is 'Refuse a caller who is neither the owner nor the payment server nor an admin';
