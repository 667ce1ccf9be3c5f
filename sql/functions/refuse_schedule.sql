-- Says that there is no such occurrence.
-- locks: none
-- raises: schedule_not_found
create or replace function ticketdb.refuse_schedule(p_schedule_id int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'schedule_not_found', format('schedule %s does not exist', p_schedule_id),
        'v_event_availability lists what is on sale.', jsonb_build_object('schedule_id', p_schedule_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_schedule(int) from public;
comment on function ticketdb.refuse_schedule(int) is 'Raise schedule_not_found';
