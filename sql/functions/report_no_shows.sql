-- Who did not come, by the day of the occurrence.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_no_shows(p_start_date date default null, p_end_date date default null)
returns table (
    schedule_id int,
    schedule_date date,
    start_time time,
    event_code text,
    title text,
    reservation_id bigint,
    reservation_code text,
    user_id int,
    tickets int,
    no_shows int
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
        s.schedule_id, s.schedule_date, s.start_time, s.event_code::text, s.title::text, st.reservation_id, st.reservation_code,
        st.user_id, st.tickets, st.tickets - st.admitted
    from ticketdb.held_schedules as s
    cross join lateral (
        select t.reservation_id, t.reservation_code, t.user_id, t.tickets, t.admitted
        from ticketdb.sold_tickets as t
        where t.schedule_id = s.schedule_id
        -- keeps it together: the sales of each occurrence are found by key, those of all others are not read
        offset 0
    ) as st
    where s.schedule_date between v_first and v_last
      and s.ends_at <= statement_timestamp()
      and st.admitted < st.tickets
    order by s.schedule_date, s.start_time, s.schedule_id, st.reservation_id;
end
$$;
revoke execute on function public.report_no_shows(date, date) from public;
comment on function public.report_no_shows(date, date) is
'Report no-shows

Who did not come, one row for each sale with a ticket whose holder was not let in, here or by the application, for occurrences that are
over, by their own date. no_shows counts such tickets.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
