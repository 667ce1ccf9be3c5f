-- An advisory lock on the quota, a recount of what is sold, then the position: pretix's way.
-- By hand, in an empty database after `ticketdb migrate`, from this folder:
--   psql -f setup/schedules.sql -f setup/lock_and_recount.sql
--   psql -c 'select bench.open_lock_and_recount(10000000)'
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D schedule=ID -f lock_and_recount.sql
begin;
select pg_advisory_xact_lock(:schedule::bigint);
select q.size > (
    select count(*) from bench.positions as p where p.quota_id = q.id and not p.canceled
) as enough
from bench.quotas as q
where q.id = :schedule \gset
\if :enough
    insert into bench.positions (quota_id, expires_at) values (:schedule, current_timestamp + interval '15 minutes');
    commit;
\else
    select bench.refuse_sold_out();
\endif
