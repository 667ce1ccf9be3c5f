-- How long something in a calendar lasts: to its end, for its duration, the whole day where it begins with a date alone, else null, for
-- a calendar may name neither. It is counted on the clock. Longer than an occurrence can be is refused. Called by read_event and event_dates.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.calendar_length(p_span jsonb, p_timezone text)
returns interval
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_start constant timestamp := ticketdb.calendar_moment(p_span ->> 'starts_at', p_timezone);
    v_length interval;
begin
    if v_start is null then
        perform ticketdb.raise_error('invalid_argument', 'the event, or a date of it, has no start', 'Give starts_at (DTSTART).');
    end if;
    begin
        v_length := coalesce(
            ticketdb.calendar_moment(p_span ->> 'ends_at', p_timezone) - v_start,
            make_interval(secs => (p_span ->> 'seconds')::int),
            case when length(p_span ->> 'starts_at') = 10 then interval '1 day' end
        );
    exception
        when invalid_text_representation or numeric_value_out_of_range then
            v_length := interval '-1';
    end;
    -- its last day, and 366 extra days
    if v_length not between interval '0' and interval '367 days' then
        perform ticketdb.raise_error(
            'invalid_argument', format('what begins at %s lasts %s', p_span ->> 'starts_at', v_length),
            'An occurrence lasts 367 days at most, and ends after its start.',
            jsonb_build_object('starts_at', p_span ->> 'starts_at')
        );
    end if;
    -- a date that ends as it begins is that day
    return coalesce(nullif(v_length, interval '0'), case when length(p_span ->> 'starts_at') = 10 then interval '1 day' end);
end
$$;
revoke execute on function ticketdb.calendar_length(jsonb, text) from public;
comment on function ticketdb.calendar_length(jsonb, text) is
'Length of something in a calendar; null where the calendar does not say

p_span: an object with starts_at, and ends_at or seconds; p_timezone: IANA name.';
