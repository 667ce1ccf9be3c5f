-- Whether the caller may reserve for anybody: whoever may run the inside of selling. Grants say who that is, and nothing else does.
-- Called by the faces of selling and by is_staff; never from a security definer function, where the owner would be asking.
-- locks: none
-- raises: nothing
create or replace function ticketdb.may_sell()
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return has_function_privilege('ticketdb.release_hold(bigint)'::regprocedure, 'execute');
end
$$;
revoke execute on function ticketdb.may_sell() from public;
comment on function ticketdb.may_sell() is 'Whether the caller may run the inside of selling, for anybody';
