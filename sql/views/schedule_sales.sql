-- The one place that says whether an occurrence is on sale, for how much, and how many seats are left. It runs with its
-- owner's rights, so that everybody counts everybody's holds; it gives numbers only. Read by quote_tickets and by the
-- availability view.
create or replace view ticketdb.schedule_sales as
select
    s.id as schedule_id,
    s.event_definition_id,
    coalesce(s.ticket_price, d.default_ticket_price) as ticket_price,
    -- sales close when the occurrence ends: people buy at the door
    case
        when s.status = 'cancelled' then 'schedule_cancelled'
        when s.status = 'completed' or s.ends_at <= statement_timestamp() then 'schedule_completed'
        when s.is_blocked then 'schedule_blocked'
        when not d.is_active then 'not_on_sale'
    end as refusal,
    p.held - l.lapsed as seats_held,
    p.capacity - p.sold - p.held + l.lapsed as seats_left,
    p.capacity - p.sold - p.held as seats_uncounted
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
inner join ticketdb.seat_pools as p on p.schedule_id = s.id and p.ticket_type_id = 0
cross join lateral (
    select case when p.held > 0 then ticketdb.lapsed_seats(s.id) else 0 end as lapsed
) as l;
revoke all on ticketdb.schedule_sales from public;
comment on view ticketdb.schedule_sales is
'Whether an occurrence is on sale, at what price, and how many seats are left';
comment on column ticketdb.schedule_sales.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_sales.event_definition_id is 'Its event';
comment on column ticketdb.schedule_sales.ticket_price is 'Price of one ticket without a ticket type';
comment on column ticketdb.schedule_sales.refusal is 'Reason for which nothing is sold; null while on sale';
comment on column ticketdb.schedule_sales.seats_held is 'Seats of live holds';
comment on column ticketdb.schedule_sales.seats_left is 'Seats neither sold nor in a live hold';
comment on column ticketdb.schedule_sales.seats_uncounted is 'The same without the seats of lapsed holds, which are yet to be reclaimed';
