-- What schedule_offers says of an occurrence, and how many seats are left. It runs with its owner's rights, so that everybody
-- counts everybody's holds; it gives numbers only. Read by the availability view and wherever seats are counted for people.
create or replace view ticketdb.schedule_sales as
select
    o.schedule_id,
    o.event_definition_id,
    o.ticket_price,
    o.refusal,
    b.held - l.lapsed as seats_held,
    case
        when l.lapsed > 0 then
            ticketdb.seats_past_waitlist(o.schedule_id, o.max_tickets - o.tickets_sold - b.held, l.lapsed)
        else o.max_tickets - o.tickets_sold - b.held
    end as seats_left,
    o.opens_at,
    o.closes_at,
    o.max_per_order,
    o.limit_per_user
from ticketdb.schedule_offers as o
cross join lateral (
    select coalesce(sum(sb.held), 0)::int as held
    from ticketdb.seat_buckets as sb
    where sb.schedule_id = o.schedule_id and sb.ticket_type_id = 0
) as b
cross join lateral (
    select case when b.held > 0 then ticketdb.lapsed_seats(o.schedule_id) else 0 end as lapsed
) as l;
revoke all on ticketdb.schedule_sales from public;
comment on view ticketdb.schedule_sales is
'Whether an occurrence is on sale, at what price, and how many seats are left';
comment on column ticketdb.schedule_sales.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_sales.event_definition_id is 'Its event';
comment on column ticketdb.schedule_sales.ticket_price is 'Price of one ticket without a ticket type';
comment on column ticketdb.schedule_sales.refusal is 'Reason for which nothing is sold; null while on sale';
comment on column ticketdb.schedule_sales.seats_held is 'Seats of live holds';
comment on column ticketdb.schedule_sales.seats_left is
'Seats neither sold nor in a live hold, less those of lapsed holds that go to the waiting list';
comment on column ticketdb.schedule_sales.opens_at is 'When the sale opens; null means it always was open';
comment on column ticketdb.schedule_sales.closes_at is 'When the sale closes; null means when the occurrence ends';
comment on column ticketdb.schedule_sales.max_per_order is 'Most tickets in one order; null means no limit';
comment on column ticketdb.schedule_sales.limit_per_user is 'Most tickets of one user; null means no limit';
