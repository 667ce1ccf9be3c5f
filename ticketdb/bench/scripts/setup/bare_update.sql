-- One row and a number: the wall that people believe in.

create table bench.counters (
    id int generated always as identity primary key,
    n int not null default 0
) with (fillfactor = 50);

create function bench.open_bare_update(p_capacity int)
returns int
language sql
as $$
    insert into bench.counters (n) values (0) returning id;
$$;
