-- Validates what 0029 widened: reads the table, keeps nobody out.

alter table public.ticket_check_ins validate constraint check_in_result_known;
