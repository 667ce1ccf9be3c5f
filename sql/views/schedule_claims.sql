-- What occurrences take a space when, by the rows themselves: each takes its space, blocked or over, unless it is cancelled. A part of
-- space_claims; the id as the table has it, so that a few of them are found by its index.
create or replace view ticketdb.schedule_claims as
select
    s.id as schedule_id,
    coalesce(s.space_id, d.space_id) as space_id,
    s.starts_at - make_interval(mins => d.setup_minutes) as starts_at,
    s.ends_at + make_interval(mins => d.teardown_minutes) as ends_at
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
where s.status <> 'cancelled' and coalesce(s.space_id, d.space_id) is not null;
revoke all on ticketdb.schedule_claims from public;
comment on view ticketdb.schedule_claims is 'What occurrences take a space when';
comment on column ticketdb.schedule_claims.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_claims.space_id is 'Space';
comment on column ticketdb.schedule_claims.starts_at is 'From when, set-up included';
comment on column ticketdb.schedule_claims.ends_at is 'Until when, tear-down included';
