-- Coming occurrences for whose local times the zone's rules have another instant now than when they were saved: somebody has updated
-- the time zones. The inside of list_moved_schedules; move_unsold works on it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.moved_schedules()
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
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        s.id, d.event_code, s.schedule_date, s.start_time, d.timezone, s.starts_at, s.ends_at, i.starts_at, i.ends_at,
        coalesce((
            select sum(b.held + b.sold)
            from ticketdb.seat_buckets as b
            where b.schedule_id = s.id and b.ticket_type_id = 0
        ), 0)::int
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    cross join lateral ticketdb.schedule_times(s.schedule_date, s.start_time, s.end_time, s.extra_days, d.timezone) as i
    where s.status = 'scheduled'
      and s.starts_at > now()
      and (s.starts_at, s.ends_at) is distinct from (i.starts_at, i.ends_at);
$$;
revoke execute on function ticketdb.moved_schedules() from public;
comment on function ticketdb.moved_schedules() is
'Coming occurrences whose instants are not what their zone''s rules say now';
