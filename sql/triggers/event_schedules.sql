-- Triggers of event_schedules: derive the instants, guard the counters, open the seat pool, keep updated_at.
create or replace trigger derive_schedule_times
before insert or update of event_definition_id, schedule_date, start_time, end_time, starts_at, ends_at
on public.event_schedules
for each row execute function ticketdb.derive_schedule_times();
create or replace trigger guard_schedule
before insert or update of tickets_sold, max_tickets on public.event_schedules
for each row execute function ticketdb.guard_schedule();
create or replace trigger guard_inserted_schedule
after insert on public.event_schedules
for each row when (new.tickets_sold <> 0)
execute function ticketdb.guard_schedule();
create or replace trigger guard_updated_schedule
after update on public.event_schedules
for each row when (new.tickets_sold <> old.tickets_sold or new.max_tickets <> old.max_tickets)
execute function ticketdb.guard_schedule();
create or replace trigger open_seat_pools
after insert on public.event_schedules
referencing new table as new_rows
for each statement execute function ticketdb.open_seat_pools();
create or replace trigger refuse_truncate
before truncate on public.event_schedules
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger touch_updated_at
before update on public.event_schedules
for each row execute function ticketdb.touch_updated_at();
