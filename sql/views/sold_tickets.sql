-- The tickets of each sale, and how many of them let somebody in: by the scans of the door, and by what the application says of
-- participants of whom it scanned no ticket, as v_attendance counts them. An imported sale of long ago has no tickets, and counts by its
-- number. It reads with its owner's rights, and shows staff everything and others nothing.
create or replace view ticketdb.sold_tickets
with (security_barrier = true)
as
select
    r.schedule_id,
    r.id as reservation_id,
    r.reservation_code,
    r.user_id,
    r.quantity as tickets,
    least(door.admitted + app.verified, r.quantity) as admitted
from public.ticket_reservations as r
cross join lateral (
    select count(*) filter (where et.first_scanned_at is not null)::int as admitted
    from public.event_tickets as et
    where et.reservation_id = r.id and et.status = 'valid'
) as door
cross join lateral (
    select coalesce(sum(coalesce(nullif(pp.ticket_quantity, 0), 1)), 0)::int as verified
    from (
        select r.participant_id as id
        union
        select et.participant_id from public.event_tickets as et where et.reservation_id = r.id
        union
        select p.id from public.program_participants as p where p.booking_id = r.booking_id
    ) as own
    inner join public.program_participants as pp on pp.id = own.id
    where pp.is_verified and pp.is_active is not false
      -- of this occurrence, and not of a month of them
      and (
          pp.event_schedule_id = r.schedule_id
          or pp.event_schedule_id is null and pp.booking_id = (
              select es.booking_id from public.event_schedules as es where es.id = r.schedule_id
          )
      )
      and not exists (
          select from public.event_tickets as et
          where et.participant_id = pp.id and et.first_scanned_at is not null
      )
      and (pp.booking_id is distinct from r.booking_id or r.booking_id is null or door.admitted = 0)
) as app
where r.status = 'confirmed' and (select ticketdb.is_staff());
revoke all on ticketdb.sold_tickets from public;
comment on view ticketdb.sold_tickets is 'Tickets of each sale, sold and used, for staff';
comment on column ticketdb.sold_tickets.schedule_id is 'Occurrence';
comment on column ticketdb.sold_tickets.reservation_id is 'Reservation';
comment on column ticketdb.sold_tickets.reservation_code is 'Its code for people';
comment on column ticketdb.sold_tickets.user_id is 'Buyer, where known';
comment on column ticketdb.sold_tickets.tickets is 'Tickets sold';
comment on column ticketdb.sold_tickets.admitted is 'Those whose holder was let in, here or by the application';
