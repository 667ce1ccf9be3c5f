-- The bare update of one row, which guards nothing and sells nothing.
-- By hand, in an empty database after `ticketdb migrate`, from this folder:
--   psql -f setup/schedules.sql -f setup/bare_update.sql
--   psql -c 'select bench.open_bare_update(0)'
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D schedule=ID -f bare_update.sql
update bench.counters set n = n + 1 where id = :schedule;
