-- Sums of sales_ledger by event. A condition on the event reaches the rows by key.
create or replace view public.v_ticket_sales_by_event
with (security_invoker = true)
as
select
    d.id as event_definition_id,
    d.event_code,
    d.title,
    d.event_category,
    d.event_type,
    l.payments,
    l.tickets_sold,
    l.tickets_returned,
    l.gross,
    l.refunds,
    l.gross - l.refunds as net
from (
    select
        m.event_definition_id,
        count(*) filter (where m.kind = 'payment')::int as payments,
        coalesce(sum(m.tickets) filter (where m.kind = 'sale'), 0)::int as tickets_sold,
        coalesce(-sum(m.tickets) filter (where m.kind = 'return'), 0)::int as tickets_returned,
        coalesce(sum(m.amount) filter (where m.kind = 'payment'), 0.00) as gross,
        coalesce(-sum(m.amount) filter (where m.kind = 'refund'), 0.00) as refunds
    from ticketdb.sales_ledger as m
    group by m.event_definition_id
) as l
inner join public.event_definitions as d on d.id = l.event_definition_id;
revoke all on public.v_ticket_sales_by_event from public;
comment on view public.v_ticket_sales_by_event is
'Ticket sales by event

One row for each event of which something was ever sold, with all its payments and refunds. For a period there is report_sales.
Staff see it.';
comment on column public.v_ticket_sales_by_event.event_definition_id is 'Event';
comment on column public.v_ticket_sales_by_event.event_code is 'Code of the event';
comment on column public.v_ticket_sales_by_event.title is 'Title of the event';
comment on column public.v_ticket_sales_by_event.event_category is 'Category of the event';
comment on column public.v_ticket_sales_by_event.event_type is 'Type of the event';
comment on column public.v_ticket_sales_by_event.payments is 'Number of payments that arrived';
comment on column public.v_ticket_sales_by_event.tickets_sold is 'Tickets that were paid for';
comment on column public.v_ticket_sales_by_event.tickets_returned is 'Tickets of sales that were cancelled';
comment on column public.v_ticket_sales_by_event.gross is 'Money that arrived, in the venue''s currency';
comment on column public.v_ticket_sales_by_event.refunds is 'Money that became due back';
comment on column public.v_ticket_sales_by_event.net is 'gross less refunds';
