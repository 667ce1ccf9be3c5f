-- The face of moved_schedules, for those who look after the time zones have been updated.
-- locks: none
-- raises: not_allowed
create or replace function public.list_moved_schedules()
returns table (
    schedule_id int,
    event_code varchar,
    schedule_date date,
    start_time time,
    timezone text,
    starts_at timestamptz,
    ends_at timestamptz,
    starts_at_now timestamptz,
    ends_at_now timestamptz,
    tickets_taken int
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_staff();
    return query
    select
        m.schedule_id, m.event_code, m.schedule_date, m.start_time, m.timezone, m.starts_at, m.ends_at, m.starts_at_now,
        m.ends_at_now, m.tickets_taken
    from ticketdb.moved_schedules() as m
    order by m.starts_at, m.schedule_id;
end
$$;
revoke execute on function public.list_moved_schedules() from public;
comment on function public.list_moved_schedules() is
'List moved schedules

Coming schedules whose instants (starts_at, ends_at) are not what the rules of their time zone say now for their local times
(starts_at_now, ends_at_now), because the server''s time zones were updated, and how many tickets are held or sold (tickets_taken).
move_unsold_schedules moves those without any. Errors: not_allowed.';
