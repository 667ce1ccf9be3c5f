-- Who came to what took place, by the day of the occurrence.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_attendance(p_start_date date default null, p_end_date date default null)
returns table (
    schedule_id int,
    schedule_date date,
    start_time time,
    event_code text,
    title text,
    event_type text,
    max_tickets int,
    tickets_sold int,
    admitted int,
    no_shows int,
    attendance_rate numeric
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
        s.schedule_id, s.schedule_date, s.start_time, s.event_code::text, s.title::text, s.event_type::text,
        s.max_tickets, s.tickets_sold, t.admitted,
        -- until it is over they may still come
        case when s.ends_at <= statement_timestamp() then t.tickets - t.admitted end,
        round(t.admitted::numeric / nullif(t.tickets, 0), 4)
    from ticketdb.held_schedules as s
    cross join lateral (
        select coalesce(sum(st.tickets), 0)::int as tickets, coalesce(sum(st.admitted), 0)::int as admitted
        from ticketdb.sold_tickets as st
        where st.schedule_id = s.schedule_id
    ) as t
    where s.schedule_date between v_first and v_last
    order by s.schedule_date, s.start_time, s.schedule_id;
end
$$;
revoke execute on function public.report_attendance(date, date) from public;
comment on function public.report_attendance(date, date) is
'Report attendance

Who came, one row for each occurrence that has begun, by its own date; called off and blocked ones are left out.
admitted counts tickets whose holder was let in, here or by the application, no_shows those whose holder was not (null until it is
over), attendance_rate is the admitted part of the tickets sold, from 0 to 1.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
