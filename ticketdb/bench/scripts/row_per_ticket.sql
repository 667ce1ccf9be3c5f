-- A row per ticket, the first free one taken with `for update skip locked`: alf.io's way.
-- By hand, in an empty database after `ticketdb migrate`, from this folder:
--   psql -f setup/schedules.sql -f setup/row_per_ticket.sql
--   psql -c 'select bench.open_row_per_ticket(1000000)'
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D schedule=ID -f row_per_ticket.sql
begin;
select coalesce(max(f.id), 0) as ticket
from (
    select t.id
    from bench.tickets as t
    where t.event_id = :schedule and t.status = 'free'
    order by t.id
    limit 1
    for update skip locked
) as f \gset
\if :ticket > 0
    insert into bench.orders (event_id, expires_at)
    values (:schedule, current_timestamp + interval '15 minutes')
    returning id as order_id \gset
    update bench.tickets set status = 'pending', order_id = :order_id where id = :ticket;
    commit;
\else
    select bench.refuse_sold_out();
\endif
