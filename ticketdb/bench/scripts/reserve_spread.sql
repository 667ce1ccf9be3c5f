-- The same buyer, each time of another one of many occurrences: nobody is in anybody's way.
-- By hand, in an empty database after `ticketdb migrate`, from this folder:
--   psql -f setup/schedules.sql
--   psql -c 'select bench.open_schedules(10000, 2000)'
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D schedule=ID -D schedules=10000 -f reserve_spread.sql
\set target random(:schedule, :schedule + :schedules - 1)
select * from public.reserve_tickets(:target);
