-- Our tables, after the functions that their defaults call.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/database_time_zone.sql
-- The zone in which a definition's times are meant unless it says otherwise: the database's own setting, not the one that
-- the calling session happens to have or was opened with. Default of event_definitions.timezone.
-- locks: none
-- raises: nothing
create or replace function ticketdb.database_time_zone()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    v_timezone text;
begin
    select substr(o.setting, length('TimeZone=') + 1) into v_timezone
    from pg_db_role_setting as c
    cross join unnest(c.setconfig) as o (setting)
    where c.setrole = 0
      and c.setdatabase in (0, (select d.oid from pg_database as d where d.datname = current_database()))
      and lower(o.setting) like 'timezone=%'
    order by c.setdatabase desc
    limit 1;
    if v_timezone is null then
        begin
            select f.setting into v_timezone
            from pg_file_settings as f
            where lower(f.name) = 'timezone' and f.applied
            order by f.seqno desc
            limit 1;
        exception
            -- only the file's owner may read it: then what the session started with is the best there is
            when insufficient_privilege then null;
        end;
    end if;
    if v_timezone is null then
        select s.reset_val into v_timezone from pg_settings as s where s.name = 'TimeZone';
    end if;
    -- the server spells it as the IANA do; the function's own setting ends with the function
    return set_config('TimeZone', v_timezone, true);
end
$$;
revoke execute on function ticketdb.database_time_zone() from public;
comment on function ticketdb.database_time_zone() is
'The database''s TimeZone setting, whatever the session has set';
-- <<< sql/functions/database_time_zone.sql

-- >>> sql/functions/new_reservation_code.sql
-- A code that a person can read out: ten characters, without those that look alike. Default of
-- ticket_reservations.reservation_code; 50 random bits, and a unique constraint behind them.
-- locks: none
-- raises: nothing
create or replace function ticketdb.new_reservation_code()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    -- 32 characters, so that the lowest five bits of each random byte pick one without bias
    select 'R-' || string_agg(
        substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', (get_byte(b.bytes, i.n) & 31) + 1, 1), ''
    )
    -- bytes 0 to 5 and 10 to 13 of a version 4 UUID are random
    from (select uuid_send(gen_random_uuid()) as bytes) as b
    cross join unnest(array[0, 1, 2, 3, 4, 5, 10, 11, 12, 13]) as i (n);
$$;
revoke execute on function ticketdb.new_reservation_code() from public;
comment on function ticketdb.new_reservation_code() is 'A random code such as R-7K3F9Q2M4T';
-- <<< sql/functions/new_reservation_code.sql

-- >>> sql/tables/020_event_definitions.sql
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

    -- a code is what people type and what a URL carries
    constraint event_code_not_empty check (event_code <> '' and title <> ''),
    -- daily without days means every day; weekly must say which
    constraint recurrence_type_known check (recurrence_type in ('none', 'daily', 'weekly')),
    constraint recurrence_days_well_formed check (
        recurrence_days ~ '^[1-7](,[1-7])*$' and recurrence_days !~ '([1-7]).*\1'
    ),
    constraint weekly_names_its_days check (recurrence_type <> 'weekly' or recurrence_days is not null),
    -- an occurrence cannot be generated without a start
    constraint recurring_has_start_time check (recurrence_type = 'none' or default_start_time is not null),
    constraint duration_within_a_day check (default_duration_minutes between 1 and 1440),
    constraint definition_capacity_not_negative check (max_tickets >= 0),
    constraint definition_price_not_negative check (default_ticket_price >= 0 and default_ticket_price < 'NaN')
);
create index event_definitions_type on public.event_definitions (event_type, id);
create index event_definitions_space on public.event_definitions (space_id);
create index event_definitions_venue on public.event_definitions (venue_id);
create index event_definitions_creator on public.event_definitions (created_by_user_id);
alter table public.event_definitions enable row level security;

comment on table public.event_definitions is
'Event definitions

One row for each show, class or workshop: what it is, when it recurs, how many may come and what a ticket costs.';
comment on column public.event_definitions.id is 'Identity';
comment on column public.event_definitions.event_code is 'Unique code people use for the event, such as yoga-morning';
comment on column public.event_definitions.title is 'Title shown to buyers';
comment on column public.event_definitions.description is 'Text shown to buyers';
comment on column public.event_definitions.event_category is 'Category, such as wellness, live-show or workshop';
comment on column public.event_definitions.event_type is 'Type within the category, such as yoga, zumba or concert';
comment on column public.event_definitions.recurrence_type is 'How occurrences repeat: none, daily or weekly';
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
-- <<< sql/tables/020_event_definitions.sql

-- >>> sql/tables/030_event_schedules.sql
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
    end_datetime timestamp generated always as (
        schedule_date + end_time + case when end_time <= start_time then interval '1 day' else interval '0' end
    ) stored,
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

    -- one occurrence per event and start; shows that the application announced by separate bookings stay separate
    constraint one_schedule_per_start unique (event_definition_id, schedule_date, start_time, announcement_id),
    -- sold tickets never exceed the capacity
    constraint tickets_sold_within_capacity check (tickets_sold between 0 and max_tickets),
    constraint schedule_price_not_negative check (ticket_price >= 0 and ticket_price < 'NaN'),
    constraint schedule_status_known check (status in ('scheduled', 'cancelled', 'completed')),
    constraint schedule_ends_after_start check (ends_at > starts_at)
);
create index idx_event_schedules_date on public.event_schedules (schedule_date);
create index idx_event_schedules_definition on public.event_schedules (event_definition_id, schedule_date);
create index idx_event_schedules_booking on public.event_schedules (booking_id);
create index event_schedules_space on public.event_schedules (space_id, starts_at);
alter table public.event_schedules enable row level security;

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
comment on column public.event_schedules.end_datetime is 'Local end, derived; on the next day where it crosses midnight';
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
-- <<< sql/tables/030_event_schedules.sql

-- >>> sql/tables/040_ticket_types.sql
-- Kinds of ticket of one event, each with its price and, if wanted, its own limit per occurrence.

create table public.ticket_types (
    id serial constraint ticket_types_pkey primary key,
    event_definition_id int not null
        constraint ticket_type_definition references public.event_definitions (id) on delete cascade,
    name varchar(100) not null,
    description text,
    price numeric(10,2) not null,
    max_quantity int,
    is_active boolean not null default true,
    sort_order int not null default 0,
    created_at timestamptz not null default current_timestamp,

    constraint ticket_type_name_unique unique (event_definition_id, name),
    constraint ticket_type_price_not_negative check (price >= 0 and price < 'NaN'),
    constraint ticket_type_quantity_not_negative check (max_quantity >= 0)
);
alter table public.ticket_types enable row level security;

comment on table public.ticket_types is
'Ticket types

Kinds of ticket of an event, such as Standard, VIP or Early Bird.';
comment on column public.ticket_types.id is 'Identity';
comment on column public.ticket_types.event_definition_id is 'Event it belongs to';
comment on column public.ticket_types.name is 'Name shown to buyers, unique within the event';
comment on column public.ticket_types.description is 'Text shown to buyers';
comment on column public.ticket_types.price is 'Price of one ticket in the venue''s currency';
comment on column public.ticket_types.max_quantity is
'How many of each occurrence''s tickets may be of this type; null means no limit of its own';
comment on column public.ticket_types.is_active is 'Inactive types are not sold';
comment on column public.ticket_types.sort_order is 'Position in lists, ascending';
comment on column public.ticket_types.created_at is 'When the row was made';
-- <<< sql/tables/040_ticket_types.sql

-- >>> sql/tables/050_ticket_reservations.sql
-- A hold that becomes a sale. The only rows from which every counter is derived.

create table public.ticket_reservations (
    id bigint generated always as identity constraint ticket_reservations_pkey primary key,
    reservation_code text not null default ticketdb.new_reservation_code()
        constraint reservation_code_unique unique,
    schedule_id int not null constraint reservation_schedule references public.event_schedules (id),
    ticket_type_id int constraint reservation_ticket_type references public.ticket_types (id),
    user_id int constraint reservation_user references public.users (id) on delete set null,
    booking_id int constraint reservation_booking references public.bookings (id) on delete set null,
    participant_id int
        constraint reservation_participant references public.program_participants (id) on delete set null,
    quantity int not null,
    unit_price numeric(10,2) not null,
    total_amount numeric(10,2) not null,
    status text not null default 'held',
    expires_at timestamptz not null,
    origin text not null default 'api',
    idempotency_key text constraint idempotency_key_unique unique,
    request jsonb,
    contact jsonb,
    created_at timestamptz not null default clock_timestamp(),
    confirmed_at timestamptz,
    closed_at timestamptz,
    close_reason text,
    participants_problem text,

    constraint reservation_quantity_in_range check (quantity between 1 and 10000),
    constraint reservation_amounts_not_negative check (
        unit_price >= 0 and unit_price < 'NaN' and total_amount >= 0 and total_amount < 'NaN'
    ),
    constraint reservation_status_known check (
        status in ('held', 'confirmed', 'refund_due', 'released', 'expired', 'cancelled')
    ),
    constraint reservation_origin_known check (origin in ('api', 'booking', 'legacy')),
    -- a booking is one order; an imported participant has one place on an occurrence
    constraint one_reservation_per_booking unique (booking_id),
    constraint one_place_per_participant unique (participant_id, schedule_id)
);
-- holds that may have lapsed, found without reading the history
create index ticket_reservations_holds on public.ticket_reservations (schedule_id, expires_at)
where status = 'held';
create index ticket_reservations_schedule on public.ticket_reservations (schedule_id, ticket_type_id);
create index ticket_reservations_ticket_type on public.ticket_reservations (ticket_type_id)
where ticket_type_id is not null;
create index ticket_reservations_user on public.ticket_reservations (user_id);
alter table public.ticket_reservations enable row level security;

comment on table public.ticket_reservations is
'Ticket reservations

One row for each order of tickets of one occurrence: held until paid or lapsed, then a sale until cancelled.';
comment on column public.ticket_reservations.id is 'Identity';
comment on column public.ticket_reservations.reservation_code is 'Unique code for people, such as R-7K3F9Q2M4T';
comment on column public.ticket_reservations.schedule_id is 'Occurrence';
comment on column public.ticket_reservations.ticket_type_id is 'Ticket type; null means general admission';
comment on column public.ticket_reservations.user_id is 'Buyer, where known';
comment on column public.ticket_reservations.booking_id is 'Application''s booking that it follows';
comment on column public.ticket_reservations.participant_id is 'Application''s participant whose imported place it is';
comment on column public.ticket_reservations.quantity is 'Number of tickets';
comment on column public.ticket_reservations.unit_price is 'Price of one ticket when it was held';
comment on column public.ticket_reservations.total_amount is 'What is to be paid for all of it';
comment on column public.ticket_reservations.status is
'held, confirmed, refund_due (paid, but no seat was left), released, expired or cancelled';
comment on column public.ticket_reservations.expires_at is 'When the hold lapses unless paid';
comment on column public.ticket_reservations.origin is
'Who made it: api (reserve_tickets), booking (the application''s booking) or legacy (link_legacy_data)';
comment on column public.ticket_reservations.idempotency_key is 'Caller''s key; a repeat with it is answered with this row';
comment on column public.ticket_reservations.request is 'Arguments that came with the idempotency key';
comment on column public.ticket_reservations.contact is 'Buyer''s contact data: name, mobile, email';
comment on column public.ticket_reservations.created_at is 'When it was made';
comment on column public.ticket_reservations.confirmed_at is 'When it was paid';
comment on column public.ticket_reservations.closed_at is 'When it was released, expired or cancelled';
comment on column public.ticket_reservations.close_reason is 'Why it was cancelled, as the caller said it';
comment on column public.ticket_reservations.participants_problem is
'Error met when its participants were written to program_participants; the sale stands regardless';
-- <<< sql/tables/050_ticket_reservations.sql

-- >>> sql/tables/060_ticket_payments.sql
-- Every payment that arrived, whatever became of the seats.

create table public.ticket_payments (
    id bigint generated always as identity constraint ticket_payments_pkey primary key,
    reservation_id bigint not null
        constraint payment_reservation references public.ticket_reservations (id),
    payment_reference text not null constraint payment_reference_unique unique,
    amount numeric(10,2) not null,
    refund_due numeric(10,2) not null default 0,
    received_at timestamptz not null default clock_timestamp(),

    constraint payment_reference_not_empty check (payment_reference <> ''),
    constraint payment_amount_not_negative check (amount >= 0 and amount < 'NaN'),
    -- no more goes back than came in
    constraint refund_within_payment check (refund_due between 0 and amount)
);
create index ticket_payments_reservation on public.ticket_payments (reservation_id);
create index ticket_payments_refunds_due on public.ticket_payments (id) where refund_due > 0;
alter table public.ticket_payments enable row level security;

comment on table public.ticket_payments is
'Ticket payments

One row for each payment that arrived for a reservation, kept also where no seat was left.';
comment on column public.ticket_payments.id is 'Identity';
comment on column public.ticket_payments.reservation_id is 'Reservation it was made for';
comment on column public.ticket_payments.payment_reference is 'Payment provider''s reference, unique';
comment on column public.ticket_payments.amount is 'Amount received in the venue''s currency';
comment on column public.ticket_payments.refund_due is 'Part of the amount that the buyer has to get back';
comment on column public.ticket_payments.received_at is 'When it was put on record';
-- <<< sql/tables/060_ticket_payments.sql

-- >>> sql/tables/070_event_tickets.sql
-- One row per admission.

create table public.event_tickets (
    id bigint generated always as identity constraint event_tickets_pkey primary key,
    ticket_code uuid not null default gen_random_uuid() constraint ticket_code_unique unique,
    reservation_id bigint not null
        constraint ticket_reservation references public.ticket_reservations (id),
    participant_id int
        constraint ticket_participant references public.program_participants (id) on delete set null,
    status text not null default 'valid',
    created_at timestamptz not null default clock_timestamp(),
    voided_at timestamptz,

    constraint ticket_status_known check (status in ('valid', 'void'))
);
create index event_tickets_reservation on public.event_tickets (reservation_id);
create index event_tickets_participant on public.event_tickets (participant_id);
alter table public.event_tickets enable row level security;

comment on table public.event_tickets is
'Tickets

One row for each admission that was paid for.';
comment on column public.event_tickets.id is 'Identity';
comment on column public.event_tickets.ticket_code is 'Unguessable code that the ticket carries';
comment on column public.event_tickets.reservation_id is 'Reservation it was sold with';
comment on column public.event_tickets.participant_id is 'Person it admits, where one is named';
comment on column public.event_tickets.status is 'valid, or void after a cancellation';
comment on column public.event_tickets.created_at is 'When it was issued';
comment on column public.event_tickets.voided_at is 'When it became void';
-- <<< sql/tables/070_event_tickets.sql

-- >>> sql/tables/080_seat_pools.sql
-- The counters that stand between two buyers and one seat. A row for each occurrence (ticket_type_id 0) and for each
-- ticket type that was ever sold on it. Written by ticketdb.count_seats and the two capacity triggers alone.

create table ticketdb.seat_pools (
    schedule_id int not null
        constraint seat_pool_schedule references public.event_schedules (id) on delete cascade,
    ticket_type_id int not null default 0,
    capacity int,
    held int not null default 0,
    sold int not null default 0,

    constraint seat_pools_pkey primary key (schedule_id, ticket_type_id),
    constraint seats_not_negative check (held >= 0 and sold >= 0),
    -- the rule that everything else is about; no capacity means no limit
    constraint seats_within_capacity check (held + sold <= capacity)
) with (fillfactor = 50);

comment on table ticketdb.seat_pools is
'Seats of an occurrence, and of each ticket type on it

held and sold are the sums of ticket_reservations, kept by trigger.';
comment on column ticketdb.seat_pools.schedule_id is 'Occurrence';
comment on column ticketdb.seat_pools.ticket_type_id is 'Ticket type; 0 stands for the occurrence as a whole';
comment on column ticketdb.seat_pools.capacity is 'Number of seats; null means no limit';
comment on column ticketdb.seat_pools.held is 'Seats of held reservations, lapsed ones included until reclaimed';
comment on column ticketdb.seat_pools.sold is 'Seats of confirmed reservations';
-- <<< sql/tables/080_seat_pools.sql

-- >>> sql/tables/090_legacy_link_issues.sql
-- What link_legacy_data could not link, or linked with a doubt.

create table public.legacy_link_issues (
    id bigint generated always as identity constraint legacy_link_issues_pkey primary key,
    source_table text not null,
    source_id bigint not null,
    problem text not null,
    detail jsonb not null default '{}',
    noted_at timestamptz not null default current_timestamp,

    constraint one_issue_per_source unique (source_table, source_id, problem)
);
alter table public.legacy_link_issues enable row level security;

comment on table public.legacy_link_issues is
'Legacy link issues

Rows of the application that link_legacy_data could not link, or linked with a doubt.';
comment on column public.legacy_link_issues.id is 'Identity';
comment on column public.legacy_link_issues.source_table is 'Application''s table';
comment on column public.legacy_link_issues.source_id is 'Id of the row in it';
comment on column public.legacy_link_issues.problem is
'no_note, unreadable_note, unreadable_times, unreadable_quantity, no_matching_show, no_matching_class, ambiguous_show, ambiguous_class,
orphan_participant, oversold or sold_mismatch';
comment on column public.legacy_link_issues.detail is 'Values that show the problem';
comment on column public.legacy_link_issues.noted_at is 'When it was first noted';
-- <<< sql/tables/090_legacy_link_issues.sql
-- <<< generated
