-- A whole sale of one ticket of one hot occurrence: reserved, paid, let in.
-- By hand, in an empty database after `ticketdb migrate`, from this folder:
--   psql -f setup/schedules.sql
--   psql -c 'select bench.open_schedule(10000000)'
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D schedule=ID -f sale.sql
select reservation_id as reservation from public.reserve_tickets(:schedule) \gset
select ticket_codes[1] as code from public.confirm_reservation(:reservation, 'bench-' || :reservation) \gset
select * from public.check_in(:code::uuid, :schedule);
