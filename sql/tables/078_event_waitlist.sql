-- Who waits for seats of an occurrence that has none, in order of arrival. Seats that become free are offered, as ordinary holds, to the
-- first who fits into them, in the transaction that frees them.

create table public.event_waitlist (
    id bigint generated always as identity constraint event_waitlist_pkey primary key,
    schedule_id int not null
        constraint waitlist_schedule references public.event_schedules (id) on delete cascade,
    user_id int constraint waitlist_user references public.users (id) on delete cascade,
    contact jsonb,
    quantity int not null,
    status text not null default 'waiting',
    reservation_id bigint
        constraint waitlist_reservation references public.ticket_reservations (id) on delete set null,
    joined_at timestamptz not null default clock_timestamp(),
    offered_at timestamptz,
    closed_at timestamptz,

    constraint waitlist_quantity_in_range check (quantity between 1 and 10000),
    constraint waitlist_status_known check (status in ('waiting', 'offered', 'taken', 'lapsed', 'left', 'closed')),
    -- an offer is a hold
    constraint waitlist_offer_has_reservation check (status <> 'offered' or reservation_id is not null),
    -- whoever gets an offer can be told
    constraint waitlist_names_somebody check (user_id is not null or contact is not null)
);
-- one place in the line for each user; a lapsed offer that nobody swept yet still is one
create unique index one_waitlist_entry_of_user on public.event_waitlist (user_id, schedule_id)
where status in ('waiting', 'offered');
-- the line itself; whether it is empty is asked whenever seats are freed
create index event_waitlist_line on public.event_waitlist (schedule_id, id)
where status = 'waiting';
create index event_waitlist_schedule on public.event_waitlist (schedule_id);
create index event_waitlist_user on public.event_waitlist (user_id);
create index event_waitlist_reservation on public.event_waitlist (reservation_id);
alter table public.event_waitlist enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy own_or_staff on public.event_waitlist for select
using (user_id = (select ticketdb.caller_user_id()) or (select ticketdb.is_staff()));

comment on table public.event_waitlist is
'Event waiting list

One row for each party that waits, or waited, for seats of an occurrence. v_waitlist also says at which position.';
comment on column public.event_waitlist.id is 'Identity, and the order of arrival';
comment on column public.event_waitlist.schedule_id is 'Occurrence';
comment on column public.event_waitlist.user_id is 'User who waits; null for a guest';
comment on column public.event_waitlist.contact is 'Contact data: name, mobile, email; the offer has them too';
comment on column public.event_waitlist.quantity is 'Number of tickets; offered together or not at all';
comment on column public.event_waitlist.status is
'waiting, offered, taken (paid), lapsed (not paid in time), left, or closed (with the sale)';
comment on column public.event_waitlist.reservation_id is 'Hold that was offered; null before, and once that hold is deleted';
comment on column public.event_waitlist.joined_at is 'When it was made';
comment on column public.event_waitlist.offered_at is 'When seats were offered';
comment on column public.event_waitlist.closed_at is 'When it was taken, lapsed, left or closed';
