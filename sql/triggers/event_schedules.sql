-- Triggers of event_schedules: derive the instants, guard the counter, deal a new capacity or that of an occurrence that is put on
-- again, tell the holders of one that was moved, keep updated_at, occupy the space, log changes. Their conditions keep functions out of the way
-- of a sale, which writes tickets_sold.
create or replace trigger derive_schedule_times
before insert or update of
event_definition_id, schedule_date, start_time, end_time, extra_days, end_datetime, starts_at, ends_at
on public.event_schedules
for each row execute function ticketdb.derive_schedule_times();
create or replace trigger guard_new_schedule
before insert on public.event_schedules
for each row when (new.tickets_sold is distinct from 0)
execute function ticketdb.guard_schedule();
create or replace trigger guard_inserted_schedule
after insert on public.event_schedules
for each row when (new.tickets_sold <> 0)
execute function ticketdb.guard_schedule();
create or replace trigger guard_schedule
before update of tickets_sold on public.event_schedules
for each row execute function ticketdb.guard_schedule();
create or replace trigger guard_updated_schedule
after update on public.event_schedules
for each row execute function ticketdb.guard_schedule();
create or replace trigger resize_schedule
before update of max_tickets, status on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or old.status = 'cancelled' and new.status <> 'cancelled')
execute function ticketdb.resize_schedule();
create or replace trigger resize_updated_schedule
after update on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or new.status <> old.status)
execute function ticketdb.resize_schedule();
create or replace trigger tell_holders
after update of schedule_date, start_time, end_time, extra_days, space_id on public.event_schedules
for each row when (
    (new.schedule_date, new.start_time, new.end_time, new.extra_days, new.space_id)
    is distinct from (old.schedule_date, old.start_time, old.end_time, old.extra_days, old.space_id)
)
execute function ticketdb.tell_holders();
create or replace trigger refuse_truncate
before truncate on public.event_schedules
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger touch_updated_at
before update on public.event_schedules
for each row when (new.tickets_sold = old.tickets_sold)
execute function ticketdb.touch_updated_at();
create or replace trigger follow_made_schedules
after insert on public.event_schedules
referencing new table as made
for each statement execute function ticketdb.follow_made_schedules();
create or replace trigger follow_schedule_space
after update of
event_definition_id, booking_id, schedule_date, start_time, end_time, extra_days, end_datetime, starts_at, ends_at, status, space_id
on public.event_schedules
for each row when (
    (
        new.event_definition_id, new.booking_id, new.schedule_date, new.starts_at, new.ends_at, new.space_id,
        new.status = 'cancelled'
    ) is distinct from (
        old.event_definition_id, old.booking_id, old.schedule_date, old.starts_at, old.ends_at, old.space_id,
        old.status = 'cancelled'
    )
)
execute function ticketdb.follow_schedule_space();
create or replace trigger follow_deleted_schedules
after delete on public.event_schedules
referencing old table as gone
for each statement execute function ticketdb.follow_deleted_schedules();
-- a new row tells by itself when it was made, and a year of them is generated at once
create or replace trigger log_change
after update on public.event_schedules
for each row when (new.tickets_sold = old.tickets_sold)
execute function ticketdb.log_change();
create or replace trigger log_delete
after delete on public.event_schedules
for each row execute function ticketdb.log_change();
