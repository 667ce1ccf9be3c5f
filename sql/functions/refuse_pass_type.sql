-- Says that there is no such kind of pass.
-- locks: none
-- raises: pass_not_found
create or replace function ticketdb.refuse_pass_type(p_pass_type_id int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'pass_not_found', format('pass type %s does not exist', coalesce(p_pass_type_id::text, 'null')),
        'pass_types lists what is sold.', jsonb_build_object('pass_type_id', p_pass_type_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_pass_type(int) from public;
comment on function ticketdb.refuse_pass_type(int) is 'Raise pass_not_found for a pass type';
