-- Validates what 0017 widened: reads the table, keeps nobody out.

alter table public.ticket_reservations validate constraint reservation_origin_known;
