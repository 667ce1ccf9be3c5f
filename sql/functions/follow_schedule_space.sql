-- An occurrence was moved, cancelled or told apart from its announcement: its occupation follows, and that of the booking which
-- announced it. Called by trigger.
-- locks, raises: as occupy_spaces
create or replace function ticketdb.follow_schedule_space()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.occupy_spaces(array[new.id], array_remove(array[old.booking_id, new.booking_id]::bigint[], null));
    return null;
end
$$;
revoke execute on function ticketdb.follow_schedule_space() from public;
comment on function ticketdb.follow_schedule_space() is 'Trigger: the occupation of a changed occurrence';
