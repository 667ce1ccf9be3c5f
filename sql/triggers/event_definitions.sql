-- Triggers of event_definitions: refuse what makes no sense, keep updated_at, carry a new time zone to coming occurrences, and a new
-- space, set-up or tear-down to their occupations; log changes.
create or replace trigger guard_definition
before insert or update on public.event_definitions
for each row execute function ticketdb.guard_definition();
create or replace trigger touch_updated_at
before update on public.event_definitions
for each row execute function ticketdb.touch_updated_at();
create or replace trigger follow_definition_time_zone
after update of timezone on public.event_definitions
for each row when (new.timezone <> old.timezone)
execute function ticketdb.follow_definition_time_zone();
create or replace trigger follow_definition_space
after update of space_id, setup_minutes, teardown_minutes on public.event_definitions
for each row when (
    (new.space_id, new.setup_minutes, new.teardown_minutes) is distinct from (old.space_id, old.setup_minutes, old.teardown_minutes)
)
execute function ticketdb.follow_definition_space();
create or replace trigger log_change
after insert or update or delete on public.event_definitions
for each row execute function ticketdb.log_change();
