-- A moment of a calendar as the local time of a zone: 2031-03-01T07:00:00 is local already, with Z or an offset it is an instant, a date is
-- its midnight. Called by read_event and event_dates.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.calendar_moment(p_value text, p_timezone text)
returns timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_value is null then
        return null;
    end if;
    if p_value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2})?$' then
        return p_value::timestamp;
    end if;
    if p_value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)$' then
        return p_value::timestamptz at time zone p_timezone;
    end if;
    raise datetime_field_overflow;
exception
    when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
        perform ticketdb.raise_error(
            'invalid_argument', format('%L is no date or time', left(p_value, 100)),
            'Give 2031-03-01T07:00:00, 2031-03-01T05:30:00Z or 2031-03-01.', jsonb_build_object('value', left(p_value, 100))
        );
end
$$;
revoke execute on function ticketdb.calendar_moment(text, text) from public;
comment on function ticketdb.calendar_moment(text, text) is
'Local time of a moment of a calendar; null stays null

p_value: ISO 8601, local, an instant or a date; p_timezone: IANA name.';
