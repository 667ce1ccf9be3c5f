-- What was taken with each type of event: sums of report_sales.
-- locks: none
-- raises: as report_sales
create or replace function public.report_revenue(p_start_date date default null, p_end_date date default null)
returns table (
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
begin
    return query
    select
        r.event_type, sum(r.payments)::int, sum(r.tickets_sold)::int, sum(r.tickets_returned)::int, sum(r.gross),
        sum(r.refunds), sum(r.net)
    from public.report_sales(p_start_date, p_end_date) as r
    group by r.event_type
    order by r.event_type;
end
$$;
revoke execute on function public.report_revenue(date, date) from public;
comment on function public.report_revenue(date, date) is
'Report revenue

What was taken with each type of event, by the day of the payment or refund as in report_sales. gross is money that
arrived, refunds what became due back, net the difference.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
