-- The application's own tables. Present, they are left as they are; absent, they are made with the columns that
-- the application's code uses, so that ticketdb also runs on an empty database, and closed to everybody but their owner, as
-- those that are there are in their application's care.
-- What is made here is noted in ticketdb.host_changes, so that a rollback takes away only that.

create table ticketdb.host_changes (
    kind text not null constraint host_change_kind_known check (kind in ('table', 'column', 'index')),
    relation text not null,
    name text not null default '',
    constraint host_changes_pkey primary key (kind, relation, name)
);
comment on table ticketdb.host_changes is
'What the migrations added to the application''s schema

Written by migrations only; a rollback removes exactly these tables, columns and indexes.';
comment on column ticketdb.host_changes.kind is 'table, column or index';
comment on column ticketdb.host_changes.relation is 'Name of the application''s table, without schema';
comment on column ticketdb.host_changes.name is 'Name of the column or index; empty for a table';

do $$
begin
    if to_regclass('public.users') is null then
        create table public.users (
            id serial primary key,
            username varchar(255) unique not null,
            first_name varchar(100),
            last_name varchar(100),
            mobile varchar(20),
            role varchar(20) default 'customer',
            created_at timestamp default current_timestamp
        );
        alter table public.users enable row level security;
        insert into ticketdb.host_changes (kind, relation) values ('table', 'users');
    end if;

    if to_regclass('public.venues') is null then
        create table public.venues (
            id serial primary key,
            name varchar(255) not null,
            address text
        );
        alter table public.venues enable row level security;
        insert into ticketdb.host_changes (kind, relation) values ('table', 'venues');
    end if;

    if to_regclass('public.spaces') is null then
        create table public.spaces (
            id serial primary key,
            venue_id int references public.venues (id),
            name varchar(255) not null,
            capacity int,
            hourly_rate numeric(10,2)
        );
        alter table public.spaces enable row level security;
        insert into ticketdb.host_changes (kind, relation) values ('table', 'spaces');
    end if;

    if to_regclass('public.bookings') is null then
        create table public.bookings (
            id serial primary key,
            booking_reference varchar(50) unique not null,
            user_id int references public.users (id),
            space_id int references public.spaces (id),
            venue_id int references public.venues (id),
            start_datetime timestamp not null,
            end_datetime timestamp not null,
            attendees int default 1,
            status varchar(20) not null default 'pending',
            total_amount numeric(10,2) default 0,
            booking_type varchar(50),
            event_type varchar(100),
            is_admin_booking boolean default false,
            customer_note text,
            banner_image_url text,
            stage_banner_url text,
            created_at timestamp default current_timestamp
        );
        alter table public.bookings enable row level security;
        insert into ticketdb.host_changes (kind, relation) values ('table', 'bookings');
    end if;

    if to_regclass('public.program_participants') is null then
        create table public.program_participants (
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
            amount_paid numeric(10,2) default 0,
            is_active boolean default true,
            is_verified boolean default false,
            scan_count int default 0,
            joined_at timestamp default current_timestamp
        );
        alter table public.program_participants enable row level security;
        insert into ticketdb.host_changes (kind, relation) values ('table', 'program_participants');
    end if;
end
$$;
