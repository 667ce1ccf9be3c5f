"""An application's database in small, and what the runner's tests do with databases and migrations."""

from __future__ import annotations

from pathlib import Path

import psycopg

# Its own columns, index, trigger, policy, grant and comments must outlive us.
APPLICATION = """
create table users (
    id serial primary key, username varchar(255) unique not null, first_name varchar(100),
    last_name varchar(100), loyalty int default 3
);
create table venues (id serial primary key, name varchar(255) not null);
create table spaces (id serial primary key, venue_id int references venues (id), name varchar(255) not null);
create table bookings (
    id serial primary key, booking_reference varchar(50) unique not null, user_id int references users (id),
    space_id int references spaces (id), venue_id int references venues (id),
    start_datetime timestamp not null, end_datetime timestamp not null, attendees int default 1,
    status varchar(20) not null default 'pending',
    total_amount numeric(10,2) default 0, booking_type varchar(50), event_type varchar(100),
    is_admin_booking boolean default false, customer_note text, banner_image_url text, colour text
);
create table program_participants (
    id serial primary key, user_id int references users (id), name varchar(255), mobile varchar(20),
    program_type varchar(20) not null, subscription_type varchar(20), ticket_quantity int default 1,
    booking_id int references bookings (id), start_date timestamp, end_date timestamp,
    amount_paid numeric(10,2) default 0, is_active boolean default true, is_verified boolean default false,
    scan_count int default 0, joined_at timestamp default current_timestamp
);
create index bookings_by_colour on bookings (colour) where colour is not null;
create function paint() returns trigger language plpgsql as $$ begin new.colour := 'red'; return new; end $$;
create trigger paint before insert on bookings
for each row when (new.colour is null) execute function paint();
alter table bookings enable row level security;
create policy everybody on bookings for select using (true);
grant select (status) on bookings to public;
comment on table bookings is 'What people booked';
comment on column bookings.colour is 'Colour in the calendar';
insert into users (username) select 'user' || n from generate_series(1, 5) as n;
insert into venues (name) values ('Hall');
insert into spaces (venue_id, name) values (1, 'Stage');
insert into bookings (booking_reference, user_id, space_id, start_datetime, end_datetime)
select 'B' || n, 1 + n % 5, 1, timestamp '2030-01-01' + n * interval '1 hour',
       timestamp '2030-01-01 01:00'
from generate_series(1, 50) as n;
insert into program_participants (name, program_type, booking_id)
values ('Ann', 'yoga', 7), ('Bo', 'zumba', null);
"""
TABLES = ("users", "venues", "spaces", "bookings", "program_participants")


def run(dsn: str, statements: str) -> None:
    """Run statements and commit."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statements)


def ask(dsn: str, query: str) -> object:
    """The one value that a query gives."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def rows(dsn: str) -> dict[str, list[str]]:
    """Every row of the application's tables."""
    with psycopg.connect(dsn) as connection:
        return {
            table: [row for (row,) in connection.execute(f"select t::text from {table} as t order by t.id")]
            for table in TABLES
        }


def plant(directory: Path, **files: str) -> Path:
    """A folder of migrations; each gets a rollback that does nothing unless one is given as NAME_rollback."""
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        if not name.endswith("_rollback"):
            stem = name.removeprefix("m")
            (directory / f"{stem}.sql").write_text(text)
            (directory / f"{stem}.rollback.sql").write_text(files.get(f"{name}_rollback", "-- nothing\n"))
    return directory
