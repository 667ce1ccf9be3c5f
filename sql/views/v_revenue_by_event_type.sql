-- Sums of sales_ledger by event type and month.
create or replace view public.v_revenue_by_event_type
with (security_invoker = true)
as
select
    d.event_type,
    l.revenue_month,
    sum(l.payments)::int as payments,
    sum(l.tickets_sold)::int as tickets_sold,
    sum(l.tickets_returned)::int as tickets_returned,
    sum(l.gross) as gross,
    sum(l.refunds) as refunds,
    sum(l.gross - l.refunds) as net
from (
    select
        m.event_definition_id,
        date_trunc('month', m.local_date::timestamp)::date as revenue_month,
        count(*) filter (where m.kind = 'payment')::int as payments,
        coalesce(sum(m.tickets) filter (where m.kind = 'sale'), 0)::int as tickets_sold,
        coalesce(-sum(m.tickets) filter (where m.kind = 'return'), 0)::int as tickets_returned,
        coalesce(sum(m.amount) filter (where m.kind = 'payment'), 0.00) as gross,
        coalesce(-sum(m.amount) filter (where m.kind = 'refund'), 0.00) as refunds
    from ticketdb.sales_ledger as m
    group by m.event_definition_id, revenue_month
) as l
inner join public.event_definitions as d on d.id = l.event_definition_id
group by d.event_type, l.revenue_month;
revoke all on public.v_revenue_by_event_type from public;
comment on view public.v_revenue_by_event_type is
'Revenue by event type

One row for each event type and month in which money or tickets moved, by the date of the payment or refund in the event''s
time zone. For another period there is report_revenue. Staff see it.';
comment on column public.v_revenue_by_event_type.event_type is 'Type of the events';
comment on column public.v_revenue_by_event_type.revenue_month is 'First day of the month';
comment on column public.v_revenue_by_event_type.payments is 'Number of payments that arrived';
comment on column public.v_revenue_by_event_type.tickets_sold is 'Tickets that were paid for';
comment on column public.v_revenue_by_event_type.tickets_returned is 'Tickets of sales that were cancelled';
comment on column public.v_revenue_by_event_type.gross is 'Money that arrived, in the venue''s currency';
comment on column public.v_revenue_by_event_type.refunds is 'Money that became due back';
comment on column public.v_revenue_by_event_type.net is 'gross less refunds';
