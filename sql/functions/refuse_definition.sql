-- Says that there is no such event.
-- locks: none
-- raises: definition_not_found
create or replace function ticketdb.refuse_definition(p_event_definition_id int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'definition_not_found', format('event definition %s does not exist', p_event_definition_id),
        'event_definitions lists the events.', jsonb_build_object('event_definition_id', p_event_definition_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_definition(int) from public;
comment on function ticketdb.refuse_definition(int) is 'Raise definition_not_found';
