-- The one reading of what was sold: each movement of money and of tickets, with the moment and the local date, on the event's own
-- clock, on which it happened. Money follows the payments and their refunds, tickets the reservations: a payment for which no
-- seat was left moves money alone, a visit that a pass paid for tickets alone. All reports of sales and revenue are sums of it, so they
-- agree. It reads with its owner's rights, and shows staff everything and others nothing.
create or replace view ticketdb.sales_ledger
with (security_barrier = true)
as
select
    m.kind,
    m.moved_at,
    (m.moved_at at time zone d.timezone)::date as local_date,
    m.amount,
    m.tickets,
    m.reservation_id,
    s.id as schedule_id,
    d.id as event_definition_id
from (
    select
        'payment' as kind, p.received_at as moved_at, p.amount, 0 as tickets, r.id as reservation_id, r.schedule_id,
        -- a pass is of an event, and of no one occurrence
        e.event_definition_id as pass_definition_id
    from public.ticket_payments as p
    left join public.ticket_reservations as r on r.id = p.reservation_id
    left join public.event_passes as e on e.id = p.pass_id
    union all
    select 'refund', f.noted_at, -f.amount, 0, r.id, r.schedule_id, e.event_definition_id
    from ticketdb.refund_movements as f
    inner join public.ticket_payments as p on p.id = f.payment_id
    left join public.ticket_reservations as r on r.id = p.reservation_id
    left join public.event_passes as e on e.id = p.pass_id
    union all
    -- what was seated once; refund_due may have been, for an instant
    select 'sale', coalesce(r.confirmed_at, r.created_at), 0.00, r.quantity, r.id, r.schedule_id, null
    from public.ticket_reservations as r
    where r.status = 'confirmed' or r.status in ('cancelled', 'refund_due') and r.confirmed_at is not null
    union all
    select 'return', coalesce(r.closed_at, r.confirmed_at), 0.00, -r.quantity, r.id, r.schedule_id, null
    from public.ticket_reservations as r
    where r.status in ('cancelled', 'refund_due') and r.confirmed_at is not null
) as m
left join public.event_schedules as s on s.id = m.schedule_id
inner join public.event_definitions as d on d.id = coalesce(s.event_definition_id, m.pass_definition_id)
where (select ticketdb.is_staff());
revoke all on ticketdb.sales_ledger from public;
comment on view ticketdb.sales_ledger is 'Each movement of money and of tickets, for staff';
comment on column ticketdb.sales_ledger.kind is
'payment (arrived), refund (became due back), sale (tickets were paid for) or return (of tickets)';
comment on column ticketdb.sales_ledger.moved_at is 'When it happened';
comment on column ticketdb.sales_ledger.local_date is 'Date of that moment in the event''s time zone';
comment on column ticketdb.sales_ledger.amount is 'Money in the venue''s currency; negative for a refund';
comment on column ticketdb.sales_ledger.tickets is 'Tickets; negative for a return';
comment on column ticketdb.sales_ledger.reservation_id is 'Reservation';
comment on column ticketdb.sales_ledger.schedule_id is 'Occurrence';
comment on column ticketdb.sales_ledger.event_definition_id is 'Event';
