-- Where an event does not keep to its recurrence: days on which it does not take place, and dates on which it does besides. One reading:
-- ticketdb.definition_occurrences.

create table public.schedule_exceptions (
    id serial constraint schedule_exceptions_pkey primary key,
    event_definition_id int
        constraint schedule_exception_definition references public.event_definitions (id) on delete cascade,
    venue_id int constraint schedule_exception_venue references public.venues (id) on delete cascade,
    kind text not null default 'excluded',
    exception_date date not null,
    start_time time,
    end_time time,
    reason text,
    created_at timestamptz not null default clock_timestamp(),
    is_imported boolean not null default false,
    extra_days int not null default 0,

    -- of one event, or a holiday of a venue
    constraint exception_of_event_or_venue check (num_nonnulls(event_definition_id, venue_id) = 1),
    constraint exception_kind_known check (kind in ('excluded', 'added')),
    constraint exception_date_in_calendar check (isfinite(exception_date)),
    -- a venue closes for a whole day, and only an event has something to add
    constraint holiday_is_a_whole_day check (venue_id is null or kind = 'excluded' and start_time is null),
    constraint exception_end_is_of_an_added_date check (end_time is null or kind = 'added'),
    -- beyond an end of its own; without one it lasts as long as always
    constraint exception_extra_days_within_a_year check (extra_days between 0 and 366 and (extra_days = 0 or end_time is not null)),
    -- said once; no start time is the whole day, or the event's own start
    constraint exception_said_once unique nulls not distinct (
        event_definition_id, venue_id, kind, exception_date, start_time
    )
);
create index schedule_exceptions_venue on public.schedule_exceptions (venue_id, exception_date)
where venue_id is not null;
alter table public.schedule_exceptions enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy staff_select on public.schedule_exceptions for select using ((select ticketdb.is_staff()));
create policy staff_insert on public.schedule_exceptions for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.schedule_exceptions for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.schedule_exceptions for delete using ((select ticketdb.is_staff()));

comment on table public.schedule_exceptions is
'Schedule exceptions

One row for each day on which an event, or a whole venue, does not keep to the recurrence. Generating and previewing follow it; an
occurrence that exists already stays until cancel_schedule calls it off.';
comment on column public.schedule_exceptions.id is 'Identity';
comment on column public.schedule_exceptions.event_definition_id is 'Event whose exception it is; null for a holiday of a venue';
comment on column public.schedule_exceptions.venue_id is 'Venue whose holiday it is; null for an exception of an event';
comment on column public.schedule_exceptions.kind is
'excluded: nothing takes place; added: it takes place besides, on holidays and excluded days too';
comment on column public.schedule_exceptions.exception_date is 'Local date on which the occurrence would start, or starts';
comment on column public.schedule_exceptions.start_time is
'excluded: only the occurrence that starts then, null means the whole day; added: its start, null means the event''s own';
comment on column public.schedule_exceptions.end_time is
'End of what is added, the next one after its start and extra_days later; null means as long as always, days included';
comment on column public.schedule_exceptions.reason is 'Why, for the staff';
comment on column public.schedule_exceptions.created_at is 'When the row was made';
comment on column public.schedule_exceptions.is_imported is
'Came with import_event; the next import of the event takes it away where the calendar no longer has it';
comment on column public.schedule_exceptions.extra_days is
'Full days that what is added lasts beyond what end_time says: 2 for one from Friday to Sunday';
