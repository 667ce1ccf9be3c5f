-- Trigger of event_definitions: note a change that calendars show.
create or replace trigger note_calendar_change
before update of title, description, event_category, timezone, space_id, venue_id on public.event_definitions
for each row when (
    (new.title, new.description, new.event_category, new.timezone, new.space_id, new.venue_id)
    is distinct from
    (old.title, old.description, old.event_category, old.timezone, old.space_id, old.venue_id)
)
execute function ticketdb.note_calendar_change();
