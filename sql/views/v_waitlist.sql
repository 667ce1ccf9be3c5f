-- Who waits, at which position, and what was offered. Row level security shows a buyer his own.
create or replace view public.v_waitlist
with (security_invoker = true)
as
select
    e.id as entry_id,
    e.schedule_id,
    e.quantity,
    -- a lapsed offer is no offer, swept or not
    case when e.status = 'offered' and r.expires_at <= clock_timestamp() then 'lapsed' else e.status end as status,
    case when e.status = 'waiting' then ticketdb.waitlist_position(e.id) end as position,
    e.reservation_id,
    r.expires_at,
    e.user_id,
    e.contact,
    e.joined_at,
    e.offered_at,
    e.closed_at
from public.event_waitlist as e
left join public.ticket_reservations as r on r.id = e.reservation_id;
revoke all on public.v_waitlist from public;
comment on view public.v_waitlist is
'Waiting list

One row for each party that waits, or waited, for seats of a schedule. A buyer sees his own.';
comment on column public.v_waitlist.entry_id is 'Place in the waiting list: the argument of leave_waitlist';
comment on column public.v_waitlist.schedule_id is 'Occurrence';
comment on column public.v_waitlist.quantity is 'Number of tickets; offered together or not at all';
comment on column public.v_waitlist.status is
'waiting, offered, taken (paid), lapsed (not paid in time), left, or closed (with the sale)';
comment on column public.v_waitlist.position is 'Position among those who wait, from 1; null for who does not wait';
comment on column public.v_waitlist.reservation_id is 'Hold that was offered: what confirm_reservation takes';
comment on column public.v_waitlist.expires_at is 'When the offer lapses unless paid';
comment on column public.v_waitlist.user_id is 'User who waits; null for a guest';
comment on column public.v_waitlist.contact is 'Contact data: name, mobile, email';
comment on column public.v_waitlist.joined_at is 'When it was joined';
comment on column public.v_waitlist.offered_at is 'When seats were offered';
comment on column public.v_waitlist.closed_at is 'When it was taken, lapsed, left or closed';
