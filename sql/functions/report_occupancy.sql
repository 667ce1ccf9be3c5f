-- How full it was on which weekday at which hour, by the local start of what took place.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_occupancy(p_start_date date default null, p_end_date date default null)
returns table (
    weekday int,
    hour int,
    schedules int,
    max_tickets bigint,
    tickets_sold bigint,
    occupancy numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := coalesce(p_start_date, '-infinity');
    v_last constant date := coalesce(p_end_date, 'infinity');
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_report_period(p_start_date, p_end_date);
    return query
    select
        extract(isodow from s.schedule_date)::int, extract(hour from s.start_time)::int, count(*)::int,
        sum(s.max_tickets), sum(s.tickets_sold), round(sum(s.tickets_sold)::numeric / nullif(sum(s.max_tickets), 0), 4)
    from ticketdb.held_schedules as s
    where s.schedule_date between v_first and v_last
    group by 1, 2
    order by 1, 2;
end
$$;
revoke execute on function public.report_occupancy(date, date) from public;
comment on function public.report_occupancy(date, date) is
'Report occupancy

How full it was, one row for each weekday (1 = Monday to 7 = Sunday) and hour of the start, both local, over the occurrences that have
begun, by their own date; called off and blocked ones are left out. occupancy is the sold part of the capacity, from 0 to 1.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
