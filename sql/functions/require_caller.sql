-- The user for whom a signed-in caller reserves: himself, and nobody else. The refusal does not tell whether there is such a
-- user. Called by the functions that act for a caller.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.require_caller(p_user_id int)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.caller_user_id();
begin
    if v_user_id is null then
        perform ticketdb.raise_error(
            'not_allowed', 'the token names no user',
            'Sign in; its claim user_id, or else email, must name a row of users.'
        );
    end if;
    if p_user_id <> v_user_id then
        perform ticketdb.raise_error(
            'not_allowed', format('user %s cannot reserve for user %s', v_user_id, p_user_id),
            'Leave p_user_id out to reserve for yourself.'
        );
    end if;
    return v_user_id;
end
$$;
revoke execute on function ticketdb.require_caller(int) from public;
comment on function ticketdb.require_caller(int) is
'Id of the user that the caller''s token stands for

p_user_id: for whom he wants to act; null means himself.';
