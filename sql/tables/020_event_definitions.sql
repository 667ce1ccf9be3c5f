-- What is sold: a show, a class, a workshop. An occurrence of it is a row of event_schedules.

create table public.event_definitions (
    id serial constraint event_definitions_pkey primary key,
    event_code varchar(50) not null constraint event_code_unique unique,
    title varchar(255) not null,
    description text,
    event_category varchar(50) not null,
    event_type varchar(50) not null,
    recurrence_type varchar(20) not null default 'none',
    recurrence_days varchar(50),
    default_start_time time,
    default_end_time time,
    default_duration_minutes int not null default 60,
    max_tickets int not null default 50,
    default_ticket_price numeric(10,2) not null default 0.00,
    space_id int constraint event_definition_space references public.spaces (id) on delete set null,
    venue_id int constraint event_definition_venue references public.venues (id) on delete set null,
    banner_image_url text,
    poster_url text,
    is_active boolean not null default true,
    created_at timestamptz not null default current_timestamp,
    updated_at timestamptz not null default current_timestamp,
    created_by_user_id int constraint event_definition_creator references public.users (id) on delete set null,
    timezone text not null default ticketdb.database_time_zone(),
    max_per_order int,
    limit_per_user int,
    sales_open_before interval,
    sales_open_at timestamptz,
    sales_close_before interval,
    sales_close_at timestamptz,
    setup_minutes int not null default 0,
    teardown_minutes int not null default 0,
    waitlist_offer_time interval,
    reminder_before interval default '1 day',
    reminder_time time,
    admission_policy text not null default 'once',
    max_entries int,
    calendar_revision int not null default 0,
    calendar_changed_at timestamptz,
    rrule text,
    recurrence_starts_on date,
    calendar_uid text constraint calendar_uid_unique unique,
    default_extra_days int not null default 0,

    -- a code is what people type and what a URL carries
    constraint event_code_not_empty check (event_code <> '' and title <> ''),
    -- daily without days means every day; weekly must say which; rrule is RFC 5545
    constraint recurrence_type_known check (recurrence_type in ('none', 'daily', 'weekly', 'rrule')),
    -- one way to say when it recurs; a rule counts from its beginning
    constraint rule_goes_with_its_type check (
        (recurrence_type = 'rrule') = (rrule is not null)
        and (recurrence_type <> 'rrule' or (recurrence_starts_on is not null and recurrence_days is null))
    ),
    constraint recurrence_days_well_formed check (
        recurrence_days ~ '^[1-7](,[1-7])*$' and recurrence_days !~ '([1-7]).*\1'
    ),
    constraint weekly_names_its_days check (recurrence_type <> 'weekly' or recurrence_days is not null),
    -- what is counted from there stays within what dates can say
    constraint recurrence_starts_within_centuries check (recurrence_starts_on between '1900-01-01' and '2999-12-31'),
    -- an index entry must hold it
    constraint calendar_uid_length check (length(calendar_uid) between 1 and 500),
    -- an occurrence cannot be generated without a start
    constraint recurring_has_start_time check (recurrence_type = 'none' or default_start_time is not null),
    constraint duration_within_a_day check (default_duration_minutes between 1 and 1440),
    constraint default_extra_days_within_a_year check (default_extra_days between 0 and 366),
    constraint definition_capacity_not_negative check (max_tickets >= 0),
    constraint definition_price_not_negative check (default_ticket_price >= 0 and default_ticket_price < 'NaN'),
    constraint definition_limits_not_negative check (max_per_order >= 0 and limit_per_user >= 0),
    -- a sale opens at one moment and closes at one
    constraint definition_sale_opens_once check (sales_open_before is null or sales_open_at is null),
    constraint definition_sale_closes_once check (sales_close_before is null or sales_close_at is null),
    -- as long as a hold can be
    constraint definition_offer_time_in_range check (
        waitlist_offer_time > interval '0' and waitlist_offer_time <= interval '30 days'
    ),
    -- what no calendar holds would hide every other event
    constraint definition_sale_within_ten_years check (
        sales_open_before between interval '-10 years' and interval '10 years'
        and sales_close_before between interval '-10 years' and interval '10 years'
    ),
    constraint setup_and_teardown_within_a_day check (
        setup_minutes between 0 and 1440 and teardown_minutes between 0 and 1440
    ),
    -- what was told is forgotten after 90 days
    constraint reminder_within_a_month check (reminder_before between interval '0' and interval '30 days'),
    constraint admission_policy_known check (admission_policy in ('once', 'n_entries', 'once_a_day', 'in_and_out')),
    -- a number of entries belongs to the policy that counts them
    constraint entries_counted_by_policy check (
        (admission_policy = 'n_entries') = (max_entries is not null) and (max_entries is null or max_entries >= 1)
    )
);
create index event_definitions_type on public.event_definitions (event_type, id);
create index event_definitions_space on public.event_definitions (space_id);
create index event_definitions_venue on public.event_definitions (venue_id);
create index event_definitions_creator on public.event_definitions (created_by_user_id);
alter table public.event_definitions enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy public_or_staff on public.event_definitions for select
using (is_active or (select ticketdb.is_staff()));
create policy staff_insert on public.event_definitions for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.event_definitions for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.event_definitions for delete using ((select ticketdb.is_staff()));

comment on table public.event_definitions is
'Event definitions

One row for each show, class or workshop: what it is, when it recurs, how many may come and what a ticket costs.';
comment on column public.event_definitions.id is 'Identity';
comment on column public.event_definitions.event_code is 'Unique code people use for the event, such as yoga-morning';
comment on column public.event_definitions.title is 'Title shown to buyers';
comment on column public.event_definitions.description is 'Text shown to buyers';
comment on column public.event_definitions.event_category is 'Category, such as wellness, live-show or workshop';
comment on column public.event_definitions.event_type is 'Type within the category, such as yoga, zumba or concert';
comment on column public.event_definitions.recurrence_type is 'How occurrences repeat: none, daily, weekly or rrule';
comment on column public.event_definitions.recurrence_days is
'ISO weekdays on which it takes place, comma-separated, 1 = Monday to 7 = Sunday; null means every day';
comment on column public.event_definitions.default_start_time is 'Local start time of a generated occurrence';
comment on column public.event_definitions.default_end_time is
'Local end time of a generated occurrence; not after the start means the next day; null means start plus duration';
comment on column public.event_definitions.default_duration_minutes is
'Length in minutes where default_end_time is null';
comment on column public.event_definitions.max_tickets is 'Capacity of a generated occurrence, in tickets';
comment on column public.event_definitions.default_ticket_price is
'Price of one ticket in the venue''s currency, where neither the occurrence nor the ticket type names one';
comment on column public.event_definitions.space_id is 'Space it takes place in';
comment on column public.event_definitions.venue_id is 'Venue it belongs to';
comment on column public.event_definitions.banner_image_url is 'URL of a wide picture';
comment on column public.event_definitions.poster_url is 'URL of a poster';
comment on column public.event_definitions.is_active is 'Inactive events sell nothing and are not listed';
comment on column public.event_definitions.created_at is 'When the row was made';
comment on column public.event_definitions.updated_at is 'When the row last changed, kept by trigger';
comment on column public.event_definitions.created_by_user_id is 'User who made it';
comment on column public.event_definitions.timezone is
'IANA name of the zone in which its dates and times are meant; default: the database''s TimeZone';
comment on column public.event_definitions.max_per_order is
'Most tickets in one order; 0 means none; null means no limit';
comment on column public.event_definitions.limit_per_user is
'Most tickets of one user on an occurrence, over all orders, held and paid; 0 means none; null means no limit';
comment on column public.event_definitions.sales_open_before is
'Sale opens so long before the start; null, with sales_open_at null too, means always open';
comment on column public.event_definitions.sales_open_at is 'Sale opens at this instant, instead';
comment on column public.event_definitions.sales_close_before is
'Sale closes so long before the start, negative for after it; null, with sales_close_at null too, means until the occurrence ends';
comment on column public.event_definitions.sales_close_at is 'Sale closes at this instant, instead';
comment on column public.event_definitions.setup_minutes is 'Minutes before the start for which its space is taken already';
comment on column public.event_definitions.teardown_minutes is 'Minutes after the end for which its space is taken still';
comment on column public.event_definitions.waitlist_offer_time is
'How long seats are held for who gets them from the waiting list; null means 24 hours; never longer than the sale is open';
comment on column public.event_definitions.reminder_before is
'Holders of tickets are reminded so long before the start, days being days of the venue''s calendar; null means not at all';
comment on column public.event_definitions.reminder_time is
'Local time of day of the reminder, such as 18:00 with a reminder_before of 1 day; null means that of the start';
comment on column public.event_definitions.admission_policy is
'How often a ticket admits its holder to an occurrence: once, n_entries (max_entries times), once_a_day (on the calendar of timezone) or
in_and_out (scans are entry and exit in turn)';
comment on column public.event_definitions.max_entries is
'How often a ticket admits where admission_policy is n_entries; null otherwise';
comment on column public.event_definitions.calendar_revision is
'How often it changed as calendars show it, kept by trigger';
comment on column public.event_definitions.calendar_changed_at is 'When it last did; null means never';
comment on column public.event_definitions.rrule is
'Recurrence rule of RFC 5545 for recurrence_type rrule, such as FREQ=MONTHLY;BYDAY=2TU; written out in full when it is saved';
comment on column public.event_definitions.recurrence_starts_on is
'Local date of the rule''s DTSTART, with default_start_time; the date on which it is saved where none is given. For daily and
weekly: nothing takes place before it; null means no such date';
comment on column public.event_definitions.calendar_uid is
'UID by which calendars know the event that was imported from one; null where it is made here';
comment on column public.event_definitions.default_extra_days is
'Full days that a generated occurrence lasts beyond what default_end_time, or the duration, says: 2 for one from Friday to Sunday';
