-- Links a participant whom the application enters to the occurrence of his booking. Called by trigger before the row is written.
-- locks: none
-- raises: nothing
create or replace function ticketdb.link_participant()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.event_schedule_id is null then
        select b.event_schedule_id into new.event_schedule_id
        from public.bookings as b
        where b.id = new.booking_id;
    end if;
    if new.event_schedule_id is not null then
        select s.event_definition_id into new.event_definition_id
        from public.event_schedules as s
        where s.id = new.event_schedule_id;
    end if;
    return new;
end
$$;
revoke execute on function ticketdb.link_participant() from public;
comment on function ticketdb.link_participant() is 'Trigger: link a participant to the occurrence of his booking';
