-- Triggers of the waiting list, on what frees seats or closes a sale. Their conditions say as little as keeps them out of the way of
-- a sale (see those of ticket_reservations), the functions look at the rest.
-- A constraint trigger cannot be replaced: a migration that changes one drops it first, above its generated part.
create or replace trigger follow_offer
after update on public.ticket_reservations
for each row when (old.origin = 'waitlist')
execute function ticketdb.follow_offer();
create or replace trigger follow_deleted_offer
before delete on public.ticket_reservations
for each row when (old.origin = 'waitlist' and old.status = 'held')
execute function ticketdb.follow_offer();
create constraint trigger offer_freed_seats
after update on public.ticket_reservations
deferrable initially deferred
for each row when (old.status = 'confirmed' or new.status <> 'confirmed')
execute function ticketdb.offer_freed_seats();
create constraint trigger offer_deleted_seats
after delete on public.ticket_reservations
deferrable initially deferred
for each row when (old.status in ('held', 'confirmed'))
execute function ticketdb.offer_freed_seats();
create constraint trigger offer_more_seats
after update of max_tickets on public.event_schedules
deferrable initially deferred
for each row when (new.max_tickets > old.max_tickets)
execute function ticketdb.offer_more_seats();
create or replace trigger close_waitlist
after update of status, is_blocked on public.event_schedules
for each row when (
    (new.status <> 'scheduled' or new.is_blocked) and old.status = 'scheduled' and not old.is_blocked
)
execute function ticketdb.close_waitlist();
