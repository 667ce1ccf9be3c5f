-- The rows that a whole sale leaves behind, in tables like ticketdb's own, without triggers and foreign keys.

create table bench.sale_counters (
    id int generated always as identity primary key,
    tickets_sold int not null default 0
) with (fillfactor = 50);
create table bench.sale_buckets (
    schedule_id int not null,
    bucket int not null,
    held int not null default 0,
    sold int not null default 0,
    primary key (schedule_id, bucket)
) with (fillfactor = 50);
create table bench.sale_reservations (like public.ticket_reservations including all);
create table bench.sale_payments (like public.ticket_payments including all);
create table bench.sale_tickets (like public.event_tickets including all);
create table bench.sale_participants (like public.program_participants including all);
create table bench.sale_check_ins (like public.ticket_check_ins including all);

create function bench.open_bare_sale(p_capacity int)
returns int
language sql
as $$
    with counter as (
        insert into bench.sale_counters (tickets_sold) values (0) returning id
    ),
    buckets as (
        insert into bench.sale_buckets (schedule_id, bucket)
        select c.id, b.bucket from counter as c cross join generate_series(0, 127) as b (bucket)
    )
    select c.id from counter as c;
$$;
