-- Occurrences were deleted: they give up their spaces, and a booking that announced them speaks for itself again. Called by trigger
-- once for each statement.
-- locks, raises: as occupy_spaces
create or replace function ticketdb.follow_deleted_schedules()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedules int[];
    v_bookings bigint[];
begin
    select array_agg(g.id), array_agg(distinct g.booking_id::bigint) filter (where g.booking_id is not null)
    into v_schedules, v_bookings
    from gone as g
    where g.booking_id is not null
       or exists (select from ticketdb.space_occupations as o where o.source = 'schedule' and o.source_id = g.id);
    if v_schedules is not null then
        perform ticketdb.occupy_spaces(v_schedules, coalesce(v_bookings, '{}'));
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.follow_deleted_schedules() from public;
comment on function ticketdb.follow_deleted_schedules() is 'Trigger: deleted occurrences give up their spaces';
