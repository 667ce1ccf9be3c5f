-- The face of ticketdb.due_refunds.
create or replace view public.v_refunds_due
with (security_invoker = true)
as
select
    f.payment_id,
    f.payment_reference,
    f.received_at,
    f.amount,
    f.refund_due,
    f.due_since,
    f.due_date,
    f.reservation_id,
    f.reservation_code,
    f.reservation_status,
    f.user_id,
    f.schedule_id,
    f.schedule_date,
    f.event_definition_id,
    f.event_code,
    f.title,
    f.event_type,
    f.pass_id
from ticketdb.due_refunds as f;
revoke all on public.v_refunds_due from public;
comment on view public.v_refunds_due is
'Refunds due

One row for each payment of which something is due back to the buyer. Staff see them.';
comment on column public.v_refunds_due.payment_id is 'Payment';
comment on column public.v_refunds_due.payment_reference is 'Payment provider''s reference';
comment on column public.v_refunds_due.received_at is 'When it was put on record';
comment on column public.v_refunds_due.amount is 'Amount received in the venue''s currency';
comment on column public.v_refunds_due.refund_due is 'Part of it that the buyer has to get back';
comment on column public.v_refunds_due.due_since is 'When it became due, the last part of it';
comment on column public.v_refunds_due.due_date is 'Date of that moment in the event''s time zone';
comment on column public.v_refunds_due.reservation_id is 'Reservation it was made for; null for a pass';
comment on column public.v_refunds_due.reservation_code is 'Its code for people';
comment on column public.v_refunds_due.reservation_status is 'confirmed (paid twice), cancelled, or refund_due (no seat was left)';
comment on column public.v_refunds_due.user_id is 'Buyer, where known';
comment on column public.v_refunds_due.schedule_id is 'Occurrence';
comment on column public.v_refunds_due.schedule_date is 'Local date of the occurrence';
comment on column public.v_refunds_due.event_definition_id is 'Event';
comment on column public.v_refunds_due.event_code is 'Code of the event';
comment on column public.v_refunds_due.title is 'Title of the event';
comment on column public.v_refunds_due.event_type is 'Type of the event';
comment on column public.v_refunds_due.pass_id is 'Pass it was made for as a whole; null for a reservation';
