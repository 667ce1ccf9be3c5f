-- The way of definition_ics for everybody who may not run the inside of selling: an active event, or to an admin any.
-- locks: none
-- raises: as definition_calendar
create or replace function ticketdb.definition_calendar_for_caller(p_event_definition_id int)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.is_admin()
        and not exists (select from public.event_definitions as d where d.id = p_event_definition_id and d.is_active)
    then
        perform ticketdb.refuse_definition(p_event_definition_id);
    end if;
    return ticketdb.definition_calendar(p_event_definition_id);
end
$$;
revoke execute on function ticketdb.definition_calendar_for_caller(int) from public;
comment on function ticketdb.definition_calendar_for_caller(int) is
'An event''s recurrence as iCalendar, as far as the caller may see the event';
