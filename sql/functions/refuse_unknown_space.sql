-- Refuses a space that does not exist. Called where an occurrence or an event is given another space, and
-- for the calendar of one; null is none.
-- locks: none
-- raises: space_not_found
create or replace function ticketdb.refuse_unknown_space(p_space_id int)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_space_id is not null and not exists (select from public.spaces as p where p.id = p_space_id) then
        perform ticketdb.raise_error(
            'space_not_found', format('space %s does not exist', p_space_id), 'Pass the id of a row of spaces.',
            jsonb_build_object('space_id', p_space_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.refuse_unknown_space(int) from public;
comment on function ticketdb.refuse_unknown_space(int) is 'Refuse a space that does not exist

p_space_id: null is none.';
