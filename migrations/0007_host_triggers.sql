-- The triggers that follow the application's own bookings and participants.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/triggers/host_bookings.sql
-- Triggers on the application's bookings. They cost bookings that name no occurrence nothing: the conditions keep them out.
create or replace trigger ticketdb_link_booking
before insert or update of event_schedule_id on public.bookings
for each row when (new.event_schedule_id is not null)
execute function ticketdb.link_booking();
create or replace trigger ticketdb_unlink_booking
before update of event_schedule_id on public.bookings
for each row when (old.event_schedule_id is not null and new.event_schedule_id is null)
execute function ticketdb.link_booking();
create or replace trigger ticketdb_follow_new_booking
after insert on public.bookings
for each row when (new.event_schedule_id is not null)
execute function ticketdb.follow_booking();
create or replace trigger ticketdb_follow_changed_booking
after update on public.bookings
for each row when (
    (new.event_schedule_id is not null or old.event_schedule_id is not null)
    and (new.event_schedule_id, new.status, new.attendees, new.ticket_type_id, new.is_admin_booking)
    is distinct from (old.event_schedule_id, old.status, old.attendees, old.ticket_type_id, old.is_admin_booking)
)
execute function ticketdb.follow_booking();
create or replace trigger ticketdb_follow_deleted_booking
before delete on public.bookings
for each row when (old.event_schedule_id is not null)
execute function ticketdb.follow_booking();
-- <<< sql/triggers/host_bookings.sql

-- >>> sql/triggers/host_program_participants.sql
-- Trigger on the application's participants: whoever comes with a booking comes to its occurrence.
create or replace trigger ticketdb_link_participant
before insert or update of booking_id, event_schedule_id on public.program_participants
for each row when (new.booking_id is not null or new.event_schedule_id is not null)
execute function ticketdb.link_participant();
-- <<< sql/triggers/host_program_participants.sql
-- <<< generated
