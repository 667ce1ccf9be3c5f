-- The tables as the seed has them: no check keeps tickets_sold below max_tickets, the foreign keys point to the hot row.

create table bench.event_definitions (
    id serial primary key,
    event_code varchar(50) unique not null,
    title varchar(255) not null,
    description text,
    event_category varchar(50) not null,
    event_type varchar(50) not null,
    recurrence_type varchar(20) not null default 'none',
    recurrence_days varchar(50),
    default_start_time time,
    default_end_time time,
    default_duration_minutes int default 60,
    max_tickets int default 50,
    default_ticket_price decimal(10,2) default 0.00,
    space_id int references public.spaces (id),
    venue_id int references public.venues (id),
    banner_image_url text,
    poster_url text,
    is_active boolean default true,
    created_at timestamp default current_timestamp,
    updated_at timestamp default current_timestamp,
    created_by_user_id int references public.users (id)
);

create table bench.event_schedules (
    id serial primary key,
    event_definition_id int references bench.event_definitions (id) on delete cascade,
    booking_id int references public.bookings (id),
    schedule_date date not null,
    start_time time not null,
    end_time time not null,
    start_datetime timestamp generated always as (schedule_date + start_time) stored,
    end_datetime timestamp generated always as (schedule_date + end_time) stored,
    max_tickets int not null,
    tickets_sold int default 0,
    tickets_available int generated always as (max_tickets - tickets_sold) stored,
    ticket_price decimal(10,2),
    status varchar(20) default 'scheduled',
    is_blocked boolean default false,
    created_at timestamp default current_timestamp,
    updated_at timestamp default current_timestamp,
    unique (event_definition_id, schedule_date, start_time)
);
create index on bench.event_schedules (schedule_date);
create index on bench.event_schedules (event_definition_id);
create index on bench.event_schedules (booking_id);

create table bench.program_participants (
    id serial primary key,
    user_id int references public.users (id),
    name varchar(255),
    mobile varchar(20),
    program_type varchar(20) not null,
    subscription_type varchar(20),
    ticket_quantity int default 1,
    booking_id int references public.bookings (id),
    start_date timestamp,
    end_date timestamp,
    amount_paid decimal(10,2) default 0,
    is_active boolean default true,
    is_verified boolean default false,
    scan_count int default 0,
    joined_at timestamp default current_timestamp,
    event_schedule_id int references bench.event_schedules (id),
    event_definition_id int references bench.event_definitions (id)
);
create index on bench.program_participants (event_schedule_id);

create function bench.open_seed_flow(p_capacity int)
returns int
language sql
as $$
    with definition as (
        insert into bench.event_definitions (event_code, title, event_category, event_type, max_tickets)
        values ('bench-' || gen_random_uuid(), 'Bench', 'bench', 'bench', p_capacity)
        returning id
    )
    insert into bench.event_schedules (event_definition_id, schedule_date, start_time, end_time, max_tickets, ticket_price)
    select d.id, current_date + 7, '19:00', '21:00', p_capacity, 100
    from definition as d
    returning id;
$$;

create function bench.count_seed_flow(p_id int, out capacity bigint, out sold bigint, out counted bigint)
language sql
as $$
    select
        s.max_tickets,
        (
            select coalesce(sum(p.ticket_quantity), 0)
            from bench.program_participants as p
            where p.event_schedule_id = s.id
        ),
        s.tickets_sold
    from bench.event_schedules as s
    where s.id = p_id;
$$;
