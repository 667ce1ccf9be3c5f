-- Validates what 0027 added and widened: reads the tables, keeps nobody out.

alter table public.event_definitions validate constraint reminder_within_a_month;
alter table public.ticket_notifications validate constraint notification_status_known;
alter table public.ticket_notifications validate constraint notification_kind_known;
alter table public.ticket_notifications validate constraint notification_of_one_sale;
