-- An occurrence: one date and time at which tickets of a definition are sold.

create table public.event_schedules (
    id serial constraint event_schedules_pkey primary key,
    event_definition_id int not null
        constraint event_schedule_definition references public.event_definitions (id) on delete cascade,
    booking_id int constraint event_schedule_booking references public.bookings (id) on delete set null,
    schedule_date date not null,
    start_time time not null,
    end_time time not null,
    start_datetime timestamp generated always as (schedule_date + start_time) stored,
    end_datetime timestamp,
    max_tickets int not null,
    tickets_sold int not null default 0,
    tickets_available int generated always as (max_tickets - tickets_sold) stored,
    ticket_price numeric(10,2),
    status varchar(20) not null default 'scheduled',
    is_blocked boolean not null default false,
    created_at timestamptz not null default current_timestamp,
    updated_at timestamptz not null default current_timestamp,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    space_id int constraint event_schedule_space references public.spaces (id) on delete set null,
    announcement_id int not null default 0,
    max_per_order int,
    limit_per_user int,
    sales_open_before interval,
    sales_open_at timestamptz,
    sales_close_before interval,
    sales_close_at timestamptz,
    original_start timestamp,
    cancelled_at timestamptz,
    cancel_reason text,
    calendar_revision int not null default 0,
    calendar_changed_at timestamptz,
    extra_days int not null default 0,

    -- one occurrence per event and start; shows that the application announced by separate bookings stay separate
    constraint one_schedule_per_start unique (event_definition_id, schedule_date, start_time, announcement_id),
    -- sold tickets never exceed the capacity
    constraint tickets_sold_within_capacity check (tickets_sold between 0 and max_tickets),
    constraint schedule_price_not_negative check (ticket_price >= 0 and ticket_price < 'NaN'),
    constraint schedule_status_known check (status in ('scheduled', 'cancelled', 'completed')),
    constraint schedule_ends_after_start check (ends_at > starts_at),
    constraint extra_days_within_a_year check (extra_days between 0 and 366),
    constraint schedule_limits_not_negative check (max_per_order >= 0 and limit_per_user >= 0),
    -- a sale opens at one moment and closes at one
    constraint schedule_sale_opens_once check (sales_open_before is null or sales_open_at is null),
    constraint schedule_sale_closes_once check (sales_close_before is null or sales_close_at is null),
    -- what no calendar holds would hide every other event
    constraint schedule_sale_within_ten_years check (
        sales_open_before between interval '-10 years' and interval '10 years'
        and sales_close_before between interval '-10 years' and interval '10 years'
    )
) with (
    -- tickets_sold moves in place
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000
);
create index idx_event_schedules_date on public.event_schedules (schedule_date);
create index idx_event_schedules_definition on public.event_schedules (event_definition_id, schedule_date);
create index idx_event_schedules_booking on public.event_schedules (booking_id);
-- occurrences that are not where the recurrence has them
create index event_schedules_original on public.event_schedules (event_definition_id, original_start)
where original_start is not null;
create index event_schedules_space on public.event_schedules (space_id, starts_at);
-- those that began days ago and are not over; mostly none
create index event_schedules_several_days on public.event_schedules (event_definition_id, schedule_date)
where extra_days > 0;
alter table public.event_schedules enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy public_or_staff on public.event_schedules for select
using (
    (select ticketdb.is_staff())
    or event_definition_id in (select d.id from public.event_definitions as d where d.is_active)
);
create policy staff_insert on public.event_schedules for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.event_schedules for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.event_schedules for delete using ((select ticketdb.is_staff()));

comment on table public.event_schedules is
'Schedules

One row for each occurrence of an event: its date, its local times, the instants they stand for, and its tickets.';
comment on column public.event_schedules.id is 'Identity';
comment on column public.event_schedules.event_definition_id is 'Event it is an occurrence of';
comment on column public.event_schedules.booking_id is
'Booking with which the application announced it; null for a generated occurrence';
comment on column public.event_schedules.schedule_date is 'Local date on which it starts';
comment on column public.event_schedules.start_time is 'Local start time';
comment on column public.event_schedules.end_time is 'Local end time; not after the start means the next day';
comment on column public.event_schedules.start_datetime is 'Local start, derived from date and start time';
comment on column public.event_schedules.end_datetime is
'Local end, derived by trigger from date, end time and extra_days; on the next day where it crosses midnight';
comment on column public.event_schedules.max_tickets is
'Capacity in tickets; cannot go below what is sold and held';
comment on column public.event_schedules.tickets_sold is
'Number of confirmed tickets, kept by trigger; a write by hand is refused';
comment on column public.event_schedules.tickets_available is
'Capacity less sold tickets; v_event_availability also takes off what is held';
comment on column public.event_schedules.ticket_price is
'Price of one ticket in the venue''s currency; null means the event''s default price';
comment on column public.event_schedules.status is 'scheduled, cancelled or completed';
comment on column public.event_schedules.is_blocked is 'The slot is taken and nothing is sold';
comment on column public.event_schedules.created_at is 'When the row was made';
comment on column public.event_schedules.updated_at is 'When the row last changed, kept by trigger';
comment on column public.event_schedules.starts_at is
'Instant of the start, derived by trigger from the local start and the event''s time zone';
comment on column public.event_schedules.ends_at is 'Instant of the end, derived likewise';
comment on column public.event_schedules.space_id is 'Space, where it differs from the event''s own';
comment on column public.event_schedules.announcement_id is
'Id of the booking that announced it, kept when that booking is deleted; 0 for none. Set by trigger';
comment on column public.event_schedules.max_per_order is
'Most tickets in one order; 0 means none; null means as the event says';
comment on column public.event_schedules.limit_per_user is
'Most tickets of one user on an occurrence, over all orders, held and paid; 0 means none; null means as the event says';
comment on column public.event_schedules.sales_open_before is
'Sale opens so long before the start; null, with sales_open_at null too, means as the event says';
comment on column public.event_schedules.sales_open_at is 'Sale opens at this instant, instead';
comment on column public.event_schedules.sales_close_before is
'Sale closes so long before the start, negative for after it; null, with sales_close_at null too, means as the event says';
comment on column public.event_schedules.sales_close_at is 'Sale closes at this instant, instead';
comment on column public.event_schedules.original_start is
'Local start that the recurrence gives it, where it was moved: the date it stands for. Set by trigger; null while it was never moved';
comment on column public.event_schedules.cancelled_at is 'When cancel_schedule called it off';
comment on column public.event_schedules.cancel_reason is 'Why, as its holders were told';
comment on column public.event_schedules.calendar_revision is
'How often it changed as calendars show it (a sale is no change), kept by trigger';
comment on column public.event_schedules.calendar_changed_at is 'When it last did; null means never';
comment on column public.event_schedules.extra_days is
'Full days that it lasts beyond what end_time says: 2 for one from Friday to Sunday';
