-- Counts the changes that a calendar shows, so that subscribers notice them; a sale is none. Called by trigger before the update of an
-- occurrence or its event that changes when, where or what it is.
-- locks: none
-- raises: nothing
create or replace function ticketdb.note_calendar_change()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.calendar_revision := old.calendar_revision + 1;
    new.calendar_changed_at := clock_timestamp();
    return new;
end
$$;
revoke execute on function ticketdb.note_calendar_change() from public;
comment on function ticketdb.note_calendar_change() is 'Trigger: count the changes that a calendar shows';
