-- Derives the instants of coming occurrences again when their event's zone changes. Called by trigger.
-- locks: event_schedules
-- raises: nothing
create or replace function ticketdb.follow_definition_time_zone()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- naming the column fires derive_schedule_times
    update public.event_schedules as s
    set start_time = s.start_time
    where s.event_definition_id = new.id and s.ends_at > now();
    return null;
end
$$;
revoke execute on function ticketdb.follow_definition_time_zone() from public;
comment on function ticketdb.follow_definition_time_zone() is
'Trigger: move coming occurrences to the new time zone';
