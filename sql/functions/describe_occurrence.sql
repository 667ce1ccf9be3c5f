-- What an occurrence has of the values that are to be changed. Called by change_occurrence before and after.
-- locks: none
-- raises: nothing
create or replace function ticketdb.describe_occurrence(p_schedule_id int, p_changes jsonb)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_object_agg(v.key, v.value)
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    cross join lateral jsonb_each(jsonb_build_object(
        'start_time', s.start_time,
        'end_time', s.end_time,
        'extra_days', s.extra_days,
        'ticket_price', coalesce(s.ticket_price, d.default_ticket_price),
        'max_tickets', s.max_tickets,
        'space_id', coalesce(s.space_id, d.space_id)
    )) as v
    where s.id = p_schedule_id
      -- a new start moves the end
      and (p_changes ? v.key or v.key = 'end_time' and p_changes ? 'start_time');
$$;
revoke execute on function ticketdb.describe_occurrence(int, jsonb) from public;
comment on function ticketdb.describe_occurrence(int, jsonb) is
'What an occurrence has of the values that are to be changed

p_changes: an object with their names as keys.';
