-- Trigger on the application's participants: whoever comes with a booking comes to its occurrence.
create or replace trigger ticketdb_link_participant
before insert or update of booking_id, event_schedule_id on public.program_participants
for each row when (new.booking_id is not null or new.event_schedule_id is not null)
execute function ticketdb.link_participant();
