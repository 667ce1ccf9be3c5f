-- Trigger of event_passes: log what becomes of one that was paid; a visit is told by its place.
create or replace trigger log_change
after update on public.event_passes
for each row when (old.status <> 'held' and new.visits_used = old.visits_used)
execute function ticketdb.log_change('contact', 'request');
