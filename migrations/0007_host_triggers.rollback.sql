-- Takes out 0007.

-- >>> generated: `make freeze` writes what stands between these lines
drop trigger ticketdb_link_participant on public.program_participants;
drop trigger ticketdb_follow_deleted_booking on public.bookings;
drop trigger ticketdb_follow_changed_booking on public.bookings;
drop trigger ticketdb_follow_new_booking on public.bookings;
drop trigger ticketdb_unlink_booking on public.bookings;
drop trigger ticketdb_link_booking on public.bookings;
-- <<< generated
