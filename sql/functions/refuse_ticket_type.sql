-- Says that an occurrence's event has no such ticket type.
-- locks: none
-- raises: ticket_type_not_found
create or replace function ticketdb.refuse_ticket_type(p_schedule_id int, p_ticket_type_id int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'ticket_type_not_found', format('schedule %s has no ticket type %s', p_schedule_id, p_ticket_type_id),
        'ticket_types lists the types of each event.',
        jsonb_build_object('schedule_id', p_schedule_id, 'ticket_type_id', p_ticket_type_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_ticket_type(int, int) from public;
comment on function ticketdb.refuse_ticket_type(int, int) is 'Raise ticket_type_not_found';
