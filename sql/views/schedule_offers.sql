-- The one place that says whether an occurrence is on sale, for how much and within which limits; how many seats are left is
-- schedule_sales' business. Read by every reservation, so it reads no more than the two rows it must.
create or replace view ticketdb.schedule_offers as
select
    s.id as schedule_id,
    s.event_definition_id,
    s.starts_at,
    s.max_tickets,
    s.tickets_sold,
    coalesce(s.ticket_price, d.default_ticket_price) as ticket_price,
    coalesce(s.max_per_order, d.max_per_order) as max_per_order,
    coalesce(s.limit_per_user, d.limit_per_user) as limit_per_user,
    w.opens_at,
    w.closes_at,
    case
        when s.status = 'cancelled' then 'schedule_cancelled'
        when s.status = 'completed' or s.ends_at <= statement_timestamp() then 'schedule_completed'
        when s.is_blocked then 'schedule_blocked'
        when not d.is_active or w.opens_at > statement_timestamp() or w.closes_at <= statement_timestamp()
            then 'not_on_sale'
    end as refusal
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
-- what the occurrence says goes before what the event says. Without a word sales close when it ends: people buy at the door
cross join lateral (
    select
        coalesce(
            s.sales_open_at, ticketdb.time_before(s.starts_at, s.sales_open_before, d.timezone),
            d.sales_open_at, ticketdb.time_before(s.starts_at, d.sales_open_before, d.timezone)
        ) as opens_at,
        coalesce(
            s.sales_close_at, ticketdb.time_before(s.starts_at, s.sales_close_before, d.timezone),
            d.sales_close_at, ticketdb.time_before(s.starts_at, d.sales_close_before, d.timezone)
        ) as closes_at
) as w;
revoke all on ticketdb.schedule_offers from public;
comment on view ticketdb.schedule_offers is
'Whether an occurrence is on sale, at what price and within which limits';
comment on column ticketdb.schedule_offers.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_offers.event_definition_id is 'Its event';
comment on column ticketdb.schedule_offers.starts_at is 'Instant of its start';
comment on column ticketdb.schedule_offers.max_tickets is 'Capacity in tickets';
comment on column ticketdb.schedule_offers.tickets_sold is 'Confirmed tickets';
comment on column ticketdb.schedule_offers.ticket_price is 'Price of one ticket without a ticket type';
comment on column ticketdb.schedule_offers.max_per_order is 'Most tickets in one order; null means no limit';
comment on column ticketdb.schedule_offers.limit_per_user is 'Most tickets of one user; null means no limit';
comment on column ticketdb.schedule_offers.opens_at is 'When the sale opens; null means it always was open';
comment on column ticketdb.schedule_offers.closes_at is 'When the sale closes; null means when the occurrence ends';
comment on column ticketdb.schedule_offers.refusal is 'Reason for which nothing is sold; null while on sale';
