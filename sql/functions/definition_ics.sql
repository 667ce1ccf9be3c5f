-- The face of ticketdb.definition_calendar, and of definition_calendar_for_caller.
-- locks, raises: as these
create or replace function public.definition_ics(p_event_definition_id int)
returns ticketdb."*/*" -- noqa: RF05
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_calendar text;
begin
    if ticketdb.may_sell() then
        v_calendar := ticketdb.definition_calendar(p_event_definition_id);
    else
        v_calendar := ticketdb.definition_calendar_for_caller(p_event_definition_id);
    end if;
    -- PostgREST reads it; to others it is nothing
    perform set_config('response.headers', '[{"Content-Type": "text/calendar; charset=utf-8"}]', true);
    return v_calendar::ticketdb."*/*"; -- noqa: RF05
end
$$;
revoke execute on function public.definition_ics(int) from public;
comment on function public.definition_ics(int) is
'Recurrence as iCalendar

A calendar (text/calendar, RFC 5545) with one event and its rule: RRULE, EXDATE where it is left out, by exception or by a holiday of
its venue, and RDATE where it is added. schedules_ics has the occurrences one by one, with those that were moved or called off.
p_event_definition_id: from event_definitions. Errors: definition_not_found, not_recurring.';
