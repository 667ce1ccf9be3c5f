-- The payments of which something is due back, found by what is due alone. It reads with its owner's rights, and shows staff
-- everything and others nothing. Read by v_refunds_due.
create or replace view ticketdb.due_refunds
with (security_barrier = true)
as
select
    p.id as payment_id,
    p.payment_reference,
    p.received_at,
    p.amount,
    p.refund_due,
    f.due_since,
    (f.due_since at time zone d.timezone)::date as due_date,
    r.id as reservation_id,
    r.reservation_code,
    r.status as reservation_status,
    coalesce(r.user_id, e.user_id) as user_id,
    s.id as schedule_id,
    s.schedule_date,
    d.id as event_definition_id,
    d.event_code,
    d.title,
    d.event_type,
    p.pass_id
from public.ticket_payments as p
left join public.ticket_reservations as r on r.id = p.reservation_id
left join public.event_schedules as s on s.id = r.schedule_id
left join public.event_passes as e on e.id = p.pass_id
inner join public.event_definitions as d on d.id = coalesce(s.event_definition_id, e.event_definition_id)
cross join lateral (
    select max(m.noted_at) as due_since
    from ticketdb.refund_movements as m
    where m.payment_id = p.id and m.amount > 0
) as f
where p.refund_due > 0 and (select ticketdb.is_staff());
revoke all on ticketdb.due_refunds from public;
comment on view ticketdb.due_refunds is 'Payments of which something is due back, for staff';
comment on column ticketdb.due_refunds.payment_id is 'Payment';
comment on column ticketdb.due_refunds.payment_reference is 'Payment provider''s reference';
comment on column ticketdb.due_refunds.received_at is 'When it was put on record';
comment on column ticketdb.due_refunds.amount is 'Amount received in the venue''s currency';
comment on column ticketdb.due_refunds.refund_due is 'Part of it that the buyer has to get back';
comment on column ticketdb.due_refunds.due_since is 'When it became due, the last part of it';
comment on column ticketdb.due_refunds.due_date is 'Date of that moment in the event''s time zone';
comment on column ticketdb.due_refunds.reservation_id is 'Reservation it was made for; null for a pass';
comment on column ticketdb.due_refunds.reservation_code is 'Its code for people';
comment on column ticketdb.due_refunds.reservation_status is 'confirmed (paid twice), cancelled, or refund_due (no seat was left)';
comment on column ticketdb.due_refunds.user_id is 'Buyer, where known';
comment on column ticketdb.due_refunds.schedule_id is 'Occurrence';
comment on column ticketdb.due_refunds.schedule_date is 'Local date of the occurrence';
comment on column ticketdb.due_refunds.event_definition_id is 'Event';
comment on column ticketdb.due_refunds.event_code is 'Code of the event';
comment on column ticketdb.due_refunds.title is 'Title of the event';
comment on column ticketdb.due_refunds.event_type is 'Type of the event';
comment on column ticketdb.due_refunds.pass_id is 'Pass it was made for as a whole; null for a reservation';
