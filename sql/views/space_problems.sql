-- Where space_occupations is not what the rows claim (space_claims), or time of a kept overlap went to nobody. No row means all is well.
-- Read by verify_inventory; mended by fill_space_occupations.
create or replace view ticketdb.space_problems as
select
    d.source,
    d.source_id,
    case when d.source = 'schedule' then d.source_id::int end as schedule_id,
    case when d.is_claimed then 'space not occupied by ' else 'space occupied for nothing by ' end
        || d.source || ' ' || d.source_id as problem,
    count(*) filter (where d.is_claimed) as expected,
    count(*) filter (where not d.is_claimed) as actual
from (
    select coalesce(c.source, o.source) as source, coalesce(c.source_id, o.source_id) as source_id, c.source is not null as is_claimed
    from ticketdb.space_claims as c
    full join ticketdb.space_occupations as o
        on (o.source, o.source_id, o.space_id, o.starts_at, o.ends_at)
            = (c.source, c.source_id, c.space_id, c.starts_at, c.ends_at)
    where c.source is null or o.source is null
) as d
group by d.source, d.source_id, d.is_claimed
union all
select
    k.source,
    k.source_id,
    case when k.source = 'schedule' then k.source_id::int end,
    'time in a space that nobody holds, wanted by ' || k.source || ' ' || k.source_id,
    1,
    0
from ticketdb.space_occupations as k
cross join lateral (
    select range_agg(o.holds) as holds
    from ticketdb.space_occupations as o
    where int8range(o.space_id, o.space_id, '[]') && int8range(k.space_id, k.space_id, '[]')
      and o.holds && tstzrange(k.starts_at, k.ends_at)
) as taken
where k.holds <> tstzmultirange(tstzrange(k.starts_at, k.ends_at))
  and (taken.holds @> tstzrange(k.starts_at, k.ends_at)) is not true;
revoke all on ticketdb.space_problems from public;
comment on view ticketdb.space_problems is 'Where the occupations of spaces are not what the rows say';
comment on column ticketdb.space_problems.source is 'schedule or booking';
comment on column ticketdb.space_problems.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.space_problems.schedule_id is 'Occurrence; null for a booking';
comment on column ticketdb.space_problems.problem is 'What is wrong';
comment on column ticketdb.space_problems.expected is 'Number of times it should have';
comment on column ticketdb.space_problems.actual is 'Number of times it has';
