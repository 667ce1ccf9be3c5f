-- The local starts that an event's recurrence names between two dates, both included: daily and weekly are the rules that they stand
-- for. The one place that knows what a recurrence_type means. Called by definition_occurrences.
-- locks: none
-- raises: nothing
create or replace function ticketdb.recurrence_starts(p_event_definition_id int, p_from date, p_to date)
returns setof timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekdays constant text[] := array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    v_definition record;
    v_rrule text;
    v_starts_on date;
begin
    select d.recurrence_type, d.recurrence_days, d.rrule, d.recurrence_starts_on, d.default_start_time, d.timezone
    into v_definition
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    case v_definition.recurrence_type
        when 'rrule' then
            v_rrule := v_definition.rrule;
            v_starts_on := v_definition.recurrence_starts_on;
        when 'daily', 'weekly' then
            v_rrule := 'FREQ=DAILY';
            if v_definition.recurrence_days is not null then
                v_rrule := v_rrule || ';BYDAY=' || (
                    select string_agg(v_weekdays[w.day::int], ',')
                    from unnest(string_to_array(v_definition.recurrence_days, ',')) as w (day)
                );
            end if;
            v_starts_on := greatest(v_definition.recurrence_starts_on, p_from);
        else
            return;
    end case;
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
