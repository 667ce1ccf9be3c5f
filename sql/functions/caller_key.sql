-- The key under which the order of a signed-in buyer is known: keys of different users never meet, so that nobody learns that
-- another has used one. Called by the functions that act for a caller.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.caller_key(p_user_id int, p_idempotency_key text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if length(p_idempotency_key) not between 1 and 200 then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_idempotency_key has %s characters', length(p_idempotency_key)),
            'Pass a key of your own for this order, 1 to 200 characters, or null.'
        );
    end if;
    return 'user ' || p_user_id || ': ' || p_idempotency_key;
end
$$;
revoke execute on function ticketdb.caller_key(int, text) from public;
comment on function ticketdb.caller_key(int, text) is
'Idempotency key of a signed-in buyer, kept apart from those of others; null stays null';
