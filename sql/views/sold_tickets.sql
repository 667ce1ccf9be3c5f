-- The valid tickets of each sale, and how many of them let somebody in. It reads with its owner's rights, and shows staff everything
-- and others nothing.
create or replace view ticketdb.sold_tickets
with (security_barrier = true)
as
select
    r.schedule_id,
    r.id as reservation_id,
    r.reservation_code,
    r.user_id,
    t.tickets,
    t.admitted
from public.ticket_reservations as r
cross join lateral (
    select
        count(*) filter (where et.status = 'valid')::int as tickets,
        count(*) filter (where et.status = 'valid' and et.first_scanned_at is not null)::int as admitted
    from public.event_tickets as et
    where et.reservation_id = r.id
) as t
where r.status = 'confirmed' and (select ticketdb.is_staff());
revoke all on ticketdb.sold_tickets from public;
comment on view ticketdb.sold_tickets is 'Valid and used tickets of each sale, for staff';
comment on column ticketdb.sold_tickets.schedule_id is 'Occurrence';
comment on column ticketdb.sold_tickets.reservation_id is 'Reservation';
comment on column ticketdb.sold_tickets.reservation_code is 'Its code for people';
comment on column ticketdb.sold_tickets.user_id is 'Buyer, where known';
comment on column ticketdb.sold_tickets.tickets is 'Valid tickets';
comment on column ticketdb.sold_tickets.admitted is 'Those whose holder was let in';
