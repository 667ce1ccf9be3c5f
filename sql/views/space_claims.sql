-- What takes a space when, by the rows themselves: the one reading of event_schedules (schedule_claims) and bookings (booking_claims).
-- Made into space_occupations by occupy_spaces, and compared with them by verify_inventory.
create or replace view ticketdb.space_claims as
select
    'schedule' as source,
    s.schedule_id::bigint as source_id,
    s.space_id,
    s.starts_at,
    s.ends_at
from ticketdb.schedule_claims as s
union all
select
    'booking',
    b.booking_id::bigint,
    b.space_id,
    b.starts_at,
    b.ends_at
from ticketdb.booking_claims as b;
revoke all on ticketdb.space_claims from public;
comment on view ticketdb.space_claims is 'What takes a space when, by the rows of event_schedules and bookings';
comment on column ticketdb.space_claims.source is 'schedule or booking';
comment on column ticketdb.space_claims.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.space_claims.space_id is 'Space';
comment on column ticketdb.space_claims.starts_at is 'From when, set-up included';
comment on column ticketdb.space_claims.ends_at is 'Until when, tear-down included';
