-- Triggers on the application's bookings. They cost bookings that name neither an occurrence nor a space nothing: the conditions keep
-- them out.
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
create or replace trigger ticketdb_occupy_space
after insert on public.bookings
for each row when (new.space_id is not null and new.event_schedule_id is null)
execute function ticketdb.follow_booking_space();
create or replace trigger ticketdb_occupy_other_space
after update on public.bookings
for each row when (
    (new.space_id is not null or old.space_id is not null)
    and (
        new.space_id, new.start_datetime, new.end_datetime, new.booking_type, new.is_admin_booking, new.event_schedule_id,
        new.status is not distinct from 'cancelled'
    ) is distinct from (
        old.space_id, old.start_datetime, old.end_datetime, old.booking_type, old.is_admin_booking, old.event_schedule_id,
        old.status is not distinct from 'cancelled'
    )
)
execute function ticketdb.follow_booking_space();
create or replace trigger ticketdb_leave_space
after delete on public.bookings
for each row when (old.space_id is not null)
execute function ticketdb.follow_booking_space();
