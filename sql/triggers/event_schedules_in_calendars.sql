-- Trigger of event_schedules: note a change that calendars show. A sale names none of these columns.
create or replace trigger note_calendar_change
before update of
event_definition_id, schedule_date, start_time, end_time, extra_days, end_datetime, starts_at, ends_at, space_id, status, is_blocked
on public.event_schedules
for each row when (
    (new.event_definition_id, new.starts_at, new.ends_at, new.space_id, new.status = 'cancelled', new.is_blocked)
    is distinct from
    (old.event_definition_id, old.starts_at, old.ends_at, old.space_id, old.status = 'cancelled', old.is_blocked)
)
execute function ticketdb.note_calendar_change();
