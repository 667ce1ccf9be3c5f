-- Says that there is no such pass.
-- locks: none
-- raises: pass_not_found
create or replace function ticketdb.refuse_pass(p_pass_id bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'pass_not_found', format('pass %s does not exist', coalesce(p_pass_id::text, 'null')),
        'Pass the id that buy_pass returned.', jsonb_build_object('pass_id', p_pass_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_pass(bigint) from public;
comment on function ticketdb.refuse_pass(bigint) is 'Raise pass_not_found';
