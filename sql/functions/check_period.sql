-- Refuses a period of an event that makes no sense. Called by check_recurrence_arguments and hold_series.
-- locks: none
-- raises: invalid_argument, definition_not_found
create or replace function ticketdb.check_period(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp
)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_event_definition_id is null or p_start_date is null or p_end_date is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'event definition, start date and end date are all needed, one is null',
            'Pass the id of a row of event_definitions and two dates.'
        );
    end if;
    if p_start_date not between timestamp '1900-01-01' and timestamp '9998-12-31'
        or p_end_date not between timestamp '1900-01-01' and timestamp '9998-12-31'
    then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s to %s is no period of this calendar', p_start_date, p_end_date),
            'Pass two dates from 1900 to 9998.',
            jsonb_build_object('start_date', p_start_date, 'end_date', p_end_date)
        );
    end if;
    if p_end_date::date < p_start_date::date then
        perform ticketdb.raise_error(
            'invalid_argument', format('the end %s is before the start %s', p_end_date::date, p_start_date::date),
            'Pass the earlier date first.',
            jsonb_build_object('start_date', p_start_date::date, 'end_date', p_end_date::date)
        );
    end if;
    if p_end_date::date - interval '10 years' > p_start_date::date then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s to %s is more than ten years', p_start_date::date, p_end_date::date),
            'Take a shorter period.'
        );
    end if;
    if not exists (select from public.event_definitions as d where d.id = p_event_definition_id) then
        perform ticketdb.refuse_definition(p_event_definition_id);
    end if;
end
$$;
revoke execute on function ticketdb.check_period(int, timestamp, timestamp) from public;
comment on function ticketdb.check_period(int, timestamp, timestamp) is 'Refuse a period of an event that makes no sense';
