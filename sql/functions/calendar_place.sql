-- Where something takes place, as calendars say it. The rows are the application's: that they have these columns is likely, and not ours
-- to demand. Called by calendar_entries and definition_calendar.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_place(p_space jsonb, p_venue jsonb)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return nullif(concat_ws(', ', p_space ->> 'name', p_venue ->> 'name', p_venue ->> 'address'), '');
end
$$;
revoke execute on function ticketdb.calendar_place(jsonb, jsonb) from public;
comment on function ticketdb.calendar_place(jsonb, jsonb) is 'Names of space and venue, and the address; null where there are none';
