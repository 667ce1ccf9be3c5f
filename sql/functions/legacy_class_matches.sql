-- Which class the participants of classes are of; with p_source = 'bookings' the same for bookings of classes that have no
-- participants. Ids above p_after, up to p_to, yet to be linked. What is looked at, until it leaves exactly one class:
--   0  the announcement that the participant names
--   1  the classes with the type, space and start of the participant's own booking, on its date
--   2  those with its space and start
--   3  those of the participant's program_type that run on the participant's first day
-- A class runs on the dates of its occurrences, so that all of it is joined by hash.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_class_matches(p_source text, p_after bigint, p_to bigint)
returns table (source_id bigint, class_id bigint, candidates bigint[])
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
as $$
    with classes as (
        select
            a.id, lower(btrim(a.event_type)) as event_type, coalesce(a.space_id, -1) as space_id,
            a.start_datetime::time as start_time, s.schedule_date
        from public.bookings as a
        inner join public.event_schedules as s on s.booking_id = a.id
        where a.is_admin_booking and a.booking_type = 'daily'
    ),
    sources as (
        select
            pp.id, lower(btrim(pp.program_type)) as event_type, pp.start_date::date as first_day,
            case when b.is_admin_booking then b.id end as announcement,
            case when b.is_admin_booking is not true then b.id end as own,
            lower(btrim(b.event_type)) as own_type, coalesce(b.space_id, -1) as own_space,
            b.start_datetime::time as own_start, b.start_datetime::date as own_date
        from public.program_participants as pp
        left join public.bookings as b on b.id = pp.booking_id and b.booking_type = 'daily'
        where p_source = 'program_participants'
          and pp.id > p_after and pp.id <= p_to
          and pp.event_schedule_id is null
          and pp.is_active is not false
        union all
        select
            b.id, lower(btrim(b.event_type)), b.start_datetime::date, null, b.id,
            lower(btrim(b.event_type)), coalesce(b.space_id, -1), b.start_datetime::time, b.start_datetime::date
        from public.bookings as b
        where p_source = 'bookings'
          and b.id > p_after and b.id <= p_to
          and b.booking_type = 'daily'
          and b.is_admin_booking is not true
          and b.event_schedule_id is null
          and not exists (select from public.program_participants as pp where pp.booking_id = b.id)
    ),
    options as (
        select s.id, 0 as level, s.announcement as class_id
        from sources as s
        where s.announcement is not null
        union all
        select s.id, case when c.event_type = s.own_type then 1 else 2 end, c.id
        from sources as s
        inner join classes as c
            on c.space_id = s.own_space and c.start_time = s.own_start and c.schedule_date = s.own_date
        where s.own is not null
        union all
        select s.id, 3, c.id
        from sources as s
        inner join classes as c on c.event_type = s.event_type and c.schedule_date = s.first_day
    ),
    found as (
        select
            s.id,
            array_agg(distinct o.class_id) filter (where o.level = 0) as named,
            array_agg(distinct o.class_id) filter (where o.level = 1) as same_type,
            array_agg(distinct o.class_id) filter (where o.level in (1, 2)) as same_start,
            array_agg(distinct o.class_id) filter (where o.level = 3) as running
        from sources as s
        left join options as o on o.id = s.id
        group by s.id
    )
    select
        f.id,
        case
            when f.named is not null then f.named[1]
            when cardinality(f.same_type) = 1 then f.same_type[1]
            when cardinality(f.same_start) = 1 then f.same_start[1]
            when cardinality(f.running) = 1 then f.running[1]
        end,
        f.running
    from found as f;
$$;
revoke execute on function ticketdb.legacy_class_matches(text, bigint, bigint) from public;
comment on function ticketdb.legacy_class_matches(text, bigint, bigint) is
'The class of each participant, or of each class booking without participants

p_source: program_participants or bookings. class_id is null where no single class is left; candidates are the classes of
the type that run on the day.';
