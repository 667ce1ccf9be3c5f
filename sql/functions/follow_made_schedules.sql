-- Occurrences were made: those in a space occupy it. Called by trigger once for each statement, so that a year of them is one piece of
-- work, and next to none where the event has no space.
-- locks, raises: as occupy_spaces
create or replace function ticketdb.follow_made_schedules()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedules int[];
    v_bookings bigint[];
begin
    select array_agg(m.id), array_agg(distinct m.booking_id::bigint) filter (where m.booking_id is not null)
    into v_schedules, v_bookings
    from made as m
    inner join public.event_definitions as d on d.id = m.event_definition_id
    where m.booking_id is not null or (coalesce(m.space_id, d.space_id) is not null and m.status <> 'cancelled');
    if v_schedules is not null then
        perform ticketdb.occupy_spaces(v_schedules, coalesce(v_bookings, '{}'));
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.follow_made_schedules() from public;
comment on function ticketdb.follow_made_schedules() is 'Trigger: the occupations of new occurrences';
