-- The pass that an idempotency key stands for already, if any. Called by hold_pass.
-- locks: none
-- raises: idempotency_key_reused, invalid_argument
create or replace function ticketdb.find_idempotent_pass(p_idempotency_key text, p_request jsonb)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass record;
begin
    if length(p_idempotency_key) not between 1 and 255 then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_idempotency_key has %s characters', length(p_idempotency_key)),
            'Pass a key of your own for this order, 1 to 255 characters, or null.'
        );
    end if;
    select e.id, e.request into v_pass
    from public.event_passes as e
    where e.idempotency_key = p_idempotency_key;
    if v_pass.request <> p_request then
        perform ticketdb.raise_error(
            'idempotency_key_reused',
            format('idempotency key %L was used with other arguments', p_idempotency_key),
            'Use a new key for a new order.', jsonb_build_object('idempotency_key', p_idempotency_key)
        );
    end if;
    return v_pass.id;
end
$$;
revoke execute on function ticketdb.find_idempotent_pass(text, jsonb) from public;
comment on function ticketdb.find_idempotent_pass(text, jsonb) is 'The pass of an idempotency key';
