-- Refuses to generate what cannot be generated. Called by generate_recurring_schedules and preview_recurring_schedules.
-- locks: none
-- raises: invalid_argument, definition_not_found, not_recurring
create or replace function ticketdb.check_recurrence_arguments(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp
)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_definition record;
begin
    perform ticketdb.check_period(p_event_definition_id, p_start_date, p_end_date);
    select d.event_code, d.recurrence_type into v_definition
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    if v_definition.recurrence_type = 'none' then
        perform ticketdb.raise_error(
            'not_recurring', format('event %s does not recur', v_definition.event_code),
            'Insert its dates into event_schedules, or set its recurrence_type.',
            jsonb_build_object('event_definition_id', p_event_definition_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_recurrence_arguments(int, timestamp, timestamp) from public;
comment on function ticketdb.check_recurrence_arguments(int, timestamp, timestamp) is
'Refuse to generate what cannot be generated';
