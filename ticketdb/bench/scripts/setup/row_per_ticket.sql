-- A row for each ticket there is, made before the sale, as alf.io keeps them.

create table bench.events (
    id int generated always as identity primary key,
    capacity int not null
);

create table bench.orders (
    id bigint generated always as identity primary key,
    code uuid not null unique default gen_random_uuid(),
    event_id int not null references bench.events (id),
    expires_at timestamptz not null,
    created_at timestamptz not null default current_timestamp
);

create table bench.tickets (
    id bigint generated always as identity primary key,
    event_id int not null references bench.events (id),
    status text not null default 'free' check (status in ('free', 'pending', 'acquired')),
    order_id bigint references bench.orders (id),
    price numeric(10,2) not null default 100
);
create index on bench.tickets (event_id, id) where status = 'free';
create index on bench.tickets (order_id);

create function bench.open_row_per_ticket(p_capacity int)
returns int
language sql
as $$
    with event as (
        insert into bench.events (capacity) values (p_capacity) returning id
    ),
    tickets as (
        insert into bench.tickets (event_id) select e.id from event as e cross join generate_series(1, p_capacity)
    )
    select e.id from event as e;
$$;

-- an order has one ticket, so a ticket that two orders took shows as an order without one
create function bench.count_row_per_ticket(p_id int, out capacity bigint, out sold bigint, out counted bigint)
language sql
as $$
    select
        e.capacity,
        (select count(*) from bench.orders as o where o.event_id = e.id),
        (select count(*) from bench.tickets as t where t.event_id = e.id and t.status <> 'free')
    from bench.events as e
    where e.id = p_id;
$$;
