-- Trigger of seat_buckets: they go with their occurrence, and an occurrence with reservations stays.
create or replace trigger refuse_reserved
after delete on ticketdb.seat_buckets
for each row when (old.ticket_type_id = 0 and old.bucket = 0)
execute function ticketdb.refuse_reserved();
