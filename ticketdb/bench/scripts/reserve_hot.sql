-- One buyer of one hot occurrence: a hold of one ticket, by public.reserve_tickets.
-- By hand, in an empty database after `ticketdb migrate`, from this folder:
--   psql -f setup/schedules.sql
--   psql -c 'select bench.open_schedule(10000000)'
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D schedule=ID -f reserve_hot.sql
select * from public.reserve_tickets(:schedule);
