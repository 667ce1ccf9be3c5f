-- Where and when an occurrence takes place, for the message that it was moved. Called by tell_holders and move_sale.
-- locks: none
-- raises: nothing
create or replace function ticketdb.describe_place(
    p_schedule_id int,
    p_starts_at timestamptz,
    p_ends_at timestamptz,
    p_space_id int
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'schedule_id', p_schedule_id,
        'start', p_starts_at at time zone d.timezone,
        'end', p_ends_at at time zone d.timezone,
        'starts_at', p_starts_at,
        'ends_at', p_ends_at,
        'timezone', d.timezone,
        'space_id', coalesce(p_space_id, d.space_id)
    )
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = p_schedule_id;
$$;
revoke execute on function ticketdb.describe_place(int, timestamptz, timestamptz, int) from public;
comment on function ticketdb.describe_place(int, timestamptz, timestamptz, int) is
'Where and when an occurrence takes place

p_starts_at, p_ends_at, p_space_id: as they are, or were; a null space is the event''s own.';
