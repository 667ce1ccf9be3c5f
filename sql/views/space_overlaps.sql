-- Overlaps that were kept: each pair that has some time of a space in common, with that time. One of a pair at least holds less than all of
-- its own. Staff alone see any. Reads the application's tables with its owner's rights; read by v_space_conflicts.
create or replace view ticketdb.space_overlaps
with (security_barrier = true)
as
with kept as (
    select o.source, o.source_id, o.space_id, o.starts_at, o.ends_at
    from ticketdb.space_occupations as o
    where o.holds <> tstzmultirange(tstzrange(o.starts_at, o.ends_at))
),

pairs as (
    -- with who holds all of his time, found by what he holds
    select
        o.source, o.source_id, o.starts_at, k.source as other_source, k.source_id as other_source_id,
        k.starts_at as other_starts_at
    from kept as k
    inner join ticketdb.space_occupations as o
        on int8range(o.space_id, o.space_id, '[]') && int8range(k.space_id, k.space_id, '[]')
            and o.holds && tstzrange(k.starts_at, k.ends_at)
            and o.holds = tstzmultirange(tstzrange(o.starts_at, o.ends_at))
    union all
    -- and with each other
    select
        o.source, o.source_id, o.starts_at, k.source as other_source, k.source_id as other_source_id,
        k.starts_at as other_starts_at
    from kept as k
    inner join kept as o
        on o.space_id = k.space_id
            and o.starts_at < k.ends_at
            and o.ends_at > k.starts_at
            and (o.source, o.source_id, o.starts_at) < (k.source, k.source_id, k.starts_at)
)

select
    a.space_id,
    a.space_name,
    greatest(a.starts_at, b.starts_at) as starts_at,
    least(a.ends_at, b.ends_at) as ends_at,
    greatest(a.starts_at, b.starts_at) at time zone a.timezone as start_datetime,
    least(a.ends_at, b.ends_at) at time zone a.timezone as end_datetime,
    a.source,
    a.schedule_id,
    a.booking_id,
    a.title,
    a.reference,
    b.source as other_source,
    b.schedule_id as other_schedule_id,
    b.booking_id as other_booking_id,
    b.title as other_title,
    b.reference as other_reference
from pairs as p
-- looked up one by one: joined, the names of all would be read for each
cross join lateral (
    select o.space_id, o.space_name, o.starts_at, o.ends_at, o.timezone, o.source, o.schedule_id, o.booking_id, o.title, o.reference
    from ticketdb.occupied_spaces as o
    where o.source = p.source and o.source_id = p.source_id and o.starts_at = p.starts_at
    order by o.starts_at
    offset 0
) as a
cross join lateral (
    select o.starts_at, o.ends_at, o.source, o.schedule_id, o.booking_id, o.title, o.reference
    from ticketdb.occupied_spaces as o
    where o.source = p.other_source and o.source_id = p.other_source_id and o.starts_at = p.other_starts_at
    order by o.starts_at
    offset 0
) as b
where (select ticketdb.is_staff());
revoke all on ticketdb.space_overlaps from public;
comment on view ticketdb.space_overlaps is 'Overlaps in a space that were kept, as far as the caller may see them';
comment on column ticketdb.space_overlaps.space_id is 'Space';
comment on column ticketdb.space_overlaps.space_name is 'Its name';
comment on column ticketdb.space_overlaps.starts_at is 'From when both have it';
comment on column ticketdb.space_overlaps.ends_at is 'Until when both have it';
comment on column ticketdb.space_overlaps.start_datetime is 'starts_at on the local clock';
comment on column ticketdb.space_overlaps.end_datetime is 'ends_at on the local clock';
comment on column ticketdb.space_overlaps.source is 'schedule or booking';
comment on column ticketdb.space_overlaps.schedule_id is 'Schedule; null for a booking';
comment on column ticketdb.space_overlaps.booking_id is 'Booking; null for a schedule';
comment on column ticketdb.space_overlaps.title is 'Title of the event, or what the booking is for';
comment on column ticketdb.space_overlaps.reference is 'Code of the event, or reference of the booking';
comment on column ticketdb.space_overlaps.other_source is 'The other one: schedule or booking';
comment on column ticketdb.space_overlaps.other_schedule_id is 'Schedule; null for a booking';
comment on column ticketdb.space_overlaps.other_booking_id is 'Booking; null for a schedule';
comment on column ticketdb.space_overlaps.other_title is 'Title of the event, or what the booking is for';
comment on column ticketdb.space_overlaps.other_reference is 'Code of the event, or reference of the booking';
