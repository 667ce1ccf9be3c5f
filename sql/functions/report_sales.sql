-- What was sold on each day, by event: sums of sales_ledger by the day of the movement, which for a payment is the day it arrived.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_sales(p_start_date date default null, p_end_date date default null)
returns table (
    sale_date date,
    event_definition_id int,
    event_code text,
    title text,
    event_type text,
    payments int,
    tickets_sold int,
    tickets_returned int,
    gross numeric,
    refunds numeric,
    net numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := coalesce(p_start_date, '-infinity');
    v_last constant date := coalesce(p_end_date, 'infinity');
    -- a date goes further than a timestamp does
    v_from constant timestamp := least(greatest(v_first, '0001-01-01'), '9999-12-31')::timestamp;
    v_until constant timestamp := least(greatest(v_last, '0001-01-01'), '9999-12-31')::timestamp;
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_report_period(p_start_date, p_end_date);
    return query
    select
        l.local_date, d.id, d.event_code::text, d.title::text, d.event_type::text,
        l.payments, l.tickets_sold, l.tickets_returned, l.gross, l.refunds, l.gross - l.refunds
    from (
        select
            m.local_date, m.event_definition_id,
            count(*) filter (where m.kind = 'payment')::int as payments,
            coalesce(sum(m.tickets) filter (where m.kind = 'sale'), 0)::int as tickets_sold,
            coalesce(-sum(m.tickets) filter (where m.kind = 'return'), 0)::int as tickets_returned,
            coalesce(sum(m.amount) filter (where m.kind = 'payment'), 0.00) as gross,
            coalesce(-sum(m.amount) filter (where m.kind = 'refund'), 0.00) as refunds
        from ticketdb.sales_ledger as m
        where m.local_date between v_first and v_last
          -- no clock is more than a day from the universal one
          and m.moved_at >= (v_from - interval '1 day') at time zone 'UTC'
          and m.moved_at < (v_until + interval '2 days') at time zone 'UTC'
        group by m.local_date, m.event_definition_id
    ) as l
    inner join public.event_definitions as d on d.id = l.event_definition_id
    order by l.local_date, d.event_code;
end
$$;
revoke execute on function public.report_sales(date, date) from public;
comment on function public.report_sales(date, date) is
'Report sales

What was sold on each day, one row for each day and event on which money or tickets moved. A day is one of the event''s time
zone; a payment counts on the day on which it arrived, a refund on the day on which it became due, whenever the event takes place.
gross is money that arrived, refunds what became due back, net the difference.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
