-- The face of move_unsold.
-- locks: as move_unsold
-- raises: not_allowed, invalid_argument
create or replace function public.move_unsold_schedules()
returns int
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_staff();
    return ticketdb.move_unsold();
end
$$;
revoke execute on function public.move_unsold_schedules() from public;
comment on function public.move_unsold_schedules() is
'Move unsold schedules

After an update of the server''s time zones: gives those of list_moved_schedules that nobody has a ticket for the instants that the
rules say now, and returns how many. The others stay, for their buyers were told when. Errors: not_allowed, invalid_argument.';
