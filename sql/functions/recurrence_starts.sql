-- The local starts that an event's recurrence names between two dates, both included: daily and weekly are the rules that they stand
-- for (recurrence_rule). Called by definition_occurrences and calendar_exceptions.
-- locks: none
-- raises: nothing
create or replace function ticketdb.recurrence_starts(p_event_definition_id int, p_from date, p_to date)
returns setof timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_definition record;
    v_rrule text;
    v_starts_on date;
begin
    select d.recurrence_type, d.recurrence_days, d.rrule, d.recurrence_starts_on, d.default_start_time, d.timezone
    into v_definition
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    v_rrule := ticketdb.recurrence_rule(v_definition.recurrence_type, v_definition.recurrence_days, v_definition.rrule);
    if v_rrule is null then
        return;
    end if;
    v_starts_on := case v_definition.recurrence_type
        when 'rrule' then v_definition.recurrence_starts_on
        else greatest(v_definition.recurrence_starts_on, p_from)
    end;
    return query
    select s.at
    from ticketdb.rrule_starts(
        v_rrule, v_starts_on + v_definition.default_start_time, p_from, p_to + interval '1 day -1 microsecond', v_definition.timezone
    ) as s (at);
end
$$;
revoke execute on function ticketdb.recurrence_starts(int, date, date) from public;
comment on function ticketdb.recurrence_starts(int, date, date) is
'Local starts that an event''s recurrence names in a period, ascending';
