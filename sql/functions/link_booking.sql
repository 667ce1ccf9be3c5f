-- Fills the event of a booking that names an occurrence, and empties it again when the booking names none.
-- Called by trigger before a booking is written.
-- locks: none
-- raises: nothing
create or replace function ticketdb.link_booking()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select s.event_definition_id into new.event_definition_id
    from public.event_schedules as s
    where s.id = new.event_schedule_id;
    return new;
end
$$;
revoke execute on function ticketdb.link_booking() from public;
comment on function ticketdb.link_booking() is 'Trigger: fill event_definition_id of a booking';
