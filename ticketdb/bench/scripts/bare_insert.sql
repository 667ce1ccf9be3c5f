-- The bare insert of a reservation: no counter is kept, nothing is guarded.
-- By hand, in an empty database after `ticketdb migrate`, from this folder:
--   psql -f setup/schedules.sql -f setup/bare_insert.sql
--   psql -c 'select bench.open_bare_insert(0)'
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D schedule=ID -f bare_insert.sql
insert into bench.reservations (schedule_id, quantity, unit_price, total_amount, expires_at)
values (:schedule, 1, 100, 100, clock_timestamp() + interval '15 minutes')
returning id, reservation_code, status, expires_at;
