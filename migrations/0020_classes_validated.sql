-- Validates what 0019 changed: reads the table, keeps nobody out.

alter table public.ticket_payments validate constraint refund_within_payment;
