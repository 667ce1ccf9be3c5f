-- The occurrences that a calendar shows, as far as the caller may see them: those of active events; staff see the others too. A blocked slot
-- is nobody's event. It reads the names of venues and spaces with its owner's rights, for a public event must say where it is, and
-- nothing else of them. The uid is made of what never changes, moved or restored from a dump; the sequence rises with each change that
-- calendars show, but not with a sale. Read by schedules_ics.
create or replace view ticketdb.calendar_entries
with (security_barrier = true)
as
select
    s.id as schedule_id,
    s.event_definition_id,
    s.schedule_date,
    s.starts_at,
    s.ends_at,
    s.status,
    d.title,
    d.description,
    d.event_category,
    d.timezone,
    coalesce(s.space_id, d.space_id) as space_id,
    -- the application's tables: that they have these columns is likely, and not ours to demand
    to_jsonb(sp) ->> 'name' as space_name,
    ticketdb.calendar_place(to_jsonb(sp), to_jsonb(v)) as location,
    format('%s-%s@ticketdb', s.id, to_hex((extract(epoch from s.created_at) * 1000000)::bigint)) as uid,
    greatest(s.created_at, s.calendar_changed_at, d.calendar_changed_at) as changed_at,
    s.calendar_revision + d.calendar_revision as sequence
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
left join public.spaces as sp on sp.id = coalesce(s.space_id, d.space_id)
left join public.venues as v on v.id = d.venue_id
where not s.is_blocked and (d.is_active or (select ticketdb.is_staff()));
revoke all on ticketdb.calendar_entries from public;
comment on view ticketdb.calendar_entries is 'Occurrences as a calendar shows them, as far as the caller may see them';
comment on column ticketdb.calendar_entries.schedule_id is 'Occurrence';
comment on column ticketdb.calendar_entries.event_definition_id is 'Its event';
comment on column ticketdb.calendar_entries.schedule_date is 'Local date on which it starts';
comment on column ticketdb.calendar_entries.starts_at is 'Instant of the start';
comment on column ticketdb.calendar_entries.ends_at is 'Instant of the end';
comment on column ticketdb.calendar_entries.status is 'scheduled, cancelled or completed';
comment on column ticketdb.calendar_entries.title is 'Title of the event';
comment on column ticketdb.calendar_entries.description is 'Text shown to buyers';
comment on column ticketdb.calendar_entries.event_category is 'Category of the event';
comment on column ticketdb.calendar_entries.timezone is 'IANA name of the zone of the local times';
comment on column ticketdb.calendar_entries.space_id is 'Space it takes place in';
comment on column ticketdb.calendar_entries.space_name is 'Name of the space';
comment on column ticketdb.calendar_entries.location is 'Names of space and venue, and the address';
comment on column ticketdb.calendar_entries.uid is 'The same for ever, and different everywhere else';
comment on column ticketdb.calendar_entries.changed_at is 'When it was made or last changed, or its event did; a sale is no change';
comment on column ticketdb.calendar_entries.sequence is 'Number of such changes';
