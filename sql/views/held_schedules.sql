-- The occurrences that reports on attendance speak of: those that have begun, were not called off and not blocked. It reads with
-- its owner's rights, and shows staff everything and others nothing.
create or replace view ticketdb.held_schedules
with (security_barrier = true)
as
select
    s.id as schedule_id,
    s.schedule_date,
    s.start_time,
    s.ends_at,
    s.max_tickets,
    s.tickets_sold,
    d.id as event_definition_id,
    d.event_code,
    d.title,
    d.event_type
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
where s.status <> 'cancelled' and not s.is_blocked and s.starts_at <= statement_timestamp()
  and (select ticketdb.is_staff());
revoke all on ticketdb.held_schedules from public;
comment on view ticketdb.held_schedules is 'Occurrences that took place or are taking place, for staff';
comment on column ticketdb.held_schedules.schedule_id is 'Occurrence';
comment on column ticketdb.held_schedules.schedule_date is 'Local date';
comment on column ticketdb.held_schedules.start_time is 'Local start';
comment on column ticketdb.held_schedules.ends_at is 'Instant of the end';
comment on column ticketdb.held_schedules.max_tickets is 'Capacity in tickets';
comment on column ticketdb.held_schedules.tickets_sold is 'Confirmed tickets';
comment on column ticketdb.held_schedules.event_definition_id is 'Event';
comment on column ticketdb.held_schedules.event_code is 'Code of the event';
comment on column ticketdb.held_schedules.title is 'Title of the event';
comment on column ticketdb.held_schedules.event_type is 'Type of the event';
