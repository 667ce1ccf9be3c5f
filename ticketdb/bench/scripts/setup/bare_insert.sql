-- ticketdb's own table of reservations, defaults, checks and indexes included, without its triggers and foreign keys.

create table bench.reservations (like public.ticket_reservations including all);

create sequence bench.insert_targets as int;

create function bench.open_bare_insert(p_capacity int)
returns int
language sql
as $$
    select nextval('bench.insert_targets')::int;
$$;
