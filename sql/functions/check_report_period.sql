-- Refuses a period that ends before it begins. Called by the reports; a null is an open end.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.check_report_period(p_start_date date, p_end_date date)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_end_date < p_start_date then
        perform ticketdb.raise_error(
            'invalid_argument', format('the end %s is before the start %s', p_end_date, p_start_date),
            'Pass the earlier date first.',
            jsonb_build_object('start_date', p_start_date, 'end_date', p_end_date)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_report_period(date, date) from public;
comment on function ticketdb.check_report_period(date, date) is
'Refuse a period that ends before it begins; a null is an open end';
