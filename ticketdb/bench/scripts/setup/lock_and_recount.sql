-- A quota without a counter: who wants a seat counts the positions sold, as pretix does.

create table bench.quotas (
    id int generated always as identity primary key,
    size int not null
);

create table bench.positions (
    id bigint generated always as identity primary key,
    quota_id int not null references bench.quotas (id),
    secret uuid not null unique default gen_random_uuid(),
    price numeric(10,2) not null default 100,
    canceled boolean not null default false,
    expires_at timestamptz not null,
    created_at timestamptz not null default current_timestamp
);
create index on bench.positions (quota_id) where not canceled;

create function bench.open_lock_and_recount(p_capacity int)
returns int
language sql
as $$
    insert into bench.quotas (size) values (p_capacity) returning id;
$$;

create function bench.count_lock_and_recount(p_id int, out capacity bigint, out sold bigint, out counted bigint)
language sql
as $$
    select q.size, p.sold, p.sold
    from bench.quotas as q
    cross join lateral (
        select count(*) as sold from bench.positions as p where p.quota_id = q.id and not p.canceled
    ) as p
    where q.id = p_id;
$$;
