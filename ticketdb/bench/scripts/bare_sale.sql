-- The rows of a whole sale by bare statements, in the three transactions of sale.sql: nothing is guarded.
-- By hand, in an empty database after `ticketdb migrate`, from this folder:
--   psql -f setup/schedules.sql -f setup/bare_sale.sql
--   psql -c 'select bench.open_bare_sale(0)'
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D schedule=ID -f bare_sale.sql
\set bucket :client_id % 128
begin;
insert into bench.sale_reservations (schedule_id, quantity, unit_price, total_amount, expires_at)
values (:schedule, 1, 100, 100, clock_timestamp() + interval '15 minutes')
returning id as reservation \gset
update bench.sale_buckets set held = held + 1 where schedule_id = :schedule and bucket = :bucket;
commit;
begin;
insert into bench.sale_payments (reservation_id, payment_reference, amount)
values (:reservation, 'bench-' || :reservation, 100);
insert into bench.sale_participants (program_type, ticket_quantity, amount_paid, event_schedule_id)
values ('bench', 1, 100, :schedule)
returning id as participant \gset
insert into bench.sale_tickets (reservation_id, participant_id)
values (:reservation, :participant)
returning id as ticket \gset
update bench.sale_reservations set status = 'confirmed', confirmed_at = clock_timestamp() where id = :reservation;
update bench.sale_buckets set held = held - 1, sold = sold + 1 where schedule_id = :schedule and bucket = :bucket;
update bench.sale_counters set tickets_sold = tickets_sold + 1 where id = :schedule;
commit;
begin;
insert into bench.sale_check_ins (ticket_id, result, scanned_at) values (:ticket, 'admitted', clock_timestamp());
update bench.sale_tickets set scan_count = scan_count + 1, first_scanned_at = clock_timestamp() where id = :ticket;
update bench.sale_participants set is_verified = true, scan_count = scan_count + 1 where id = :participant;
commit;
