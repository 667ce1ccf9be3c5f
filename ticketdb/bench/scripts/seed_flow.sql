-- The seed's flow: lock the occurrence, look, take off a ticket, enter the participant, commit.
-- By hand, in an empty database after `ticketdb migrate`, from this folder:
--   psql -f setup/schedules.sql -f setup/seed_flow.sql
--   psql -c 'select bench.open_seed_flow(10000000)'
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D schedule=ID -f seed_flow.sql
begin;
select s.tickets_available >= 1 as enough from bench.event_schedules as s where s.id = :schedule for update \gset
\if :enough
    update bench.event_schedules set tickets_sold = tickets_sold + 1 where id = :schedule;
    insert into bench.program_participants (name, mobile, program_type, amount_paid, event_schedule_id)
    values ('Asha Rao', '+91 90000 00000', 'live', 100, :schedule);
    commit;
\else
    select bench.refuse_sold_out();
\endif
