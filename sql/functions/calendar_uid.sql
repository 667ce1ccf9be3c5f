-- By which name calendars know an event: the one that it was imported with, else one made of what never changes, restored from a dump
-- or not. Called by calendar_rule and save_event.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_uid(p_calendar_uid text, p_event_definition_id int, p_created_at timestamptz)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        p_calendar_uid,
        format('event-%s-%s@ticketdb', p_event_definition_id, to_hex((extract(epoch from p_created_at) * 1000000)::bigint))
    );
end
$$;
revoke execute on function ticketdb.calendar_uid(text, int, timestamptz) from public;
comment on function ticketdb.calendar_uid(text, int, timestamptz) is 'UID of an event in calendars';
