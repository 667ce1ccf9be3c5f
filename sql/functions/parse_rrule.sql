-- Reads a rule that check_rrule has let pass: the one reading of its text. Weekdays are ISO numbers (1 = Monday); one with an
-- ordinal is ordinal * 8 + weekday. UNTIL as a date lasts to the end of that day.
-- locks: none
-- raises: nothing
create or replace function ticketdb.parse_rrule(
    p_rrule text,
    out freq text,
    out step int,
    out max_count int,
    out until_at timestamp,
    out until_is_utc boolean,
    out week_start int,
    out months int[],
    out week_numbers int[],
    out year_days int[],
    out month_days int[],
    out weekdays int[],
    out nth_weekdays int[],
    out hours int[],
    out minutes int[],
    out positions int[]
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekdays constant text := 'MOTUWETHFRSASU';
    v_part text;
    v_value text;
    v_day text;
    v_weekday int;
begin
    step := 1;
    week_start := 1;
    until_is_utc := false;
    foreach v_part in array string_to_array(ticketdb.rrule_text(p_rrule), ';') loop
        v_value := split_part(v_part, '=', 2);
        case split_part(v_part, '=', 1)
            when 'FREQ' then freq := v_value;
            when 'INTERVAL' then step := v_value::int;
            when 'COUNT' then max_count := v_value::int;
            when 'UNTIL' then
                until_is_utc := right(v_value, 1) = 'Z';
                until_at := rtrim(v_value, 'Z')::timestamp
                    + case when length(v_value) = 8 then interval '1 day -1 microsecond' else interval '0' end;
            when 'WKST' then week_start := (strpos(v_weekdays, v_value) + 1) / 2;
            when 'BYMONTH' then months := string_to_array(v_value, ',')::int[];
            when 'BYWEEKNO' then week_numbers := string_to_array(v_value, ',')::int[];
            when 'BYYEARDAY' then year_days := string_to_array(v_value, ',')::int[];
            when 'BYMONTHDAY' then month_days := string_to_array(v_value, ',')::int[];
            when 'BYHOUR' then hours := string_to_array(v_value, ',')::int[];
            when 'BYMINUTE' then minutes := string_to_array(v_value, ',')::int[];
            when 'BYSETPOS' then positions := string_to_array(v_value, ',')::int[];
            when 'BYDAY' then
                foreach v_day in array string_to_array(v_value, ',') loop
                    v_weekday := (strpos(v_weekdays, right(v_day, 2)) + 1) / 2;
                    if length(v_day) = 2 then
                        weekdays := array_append(weekdays, v_weekday);
                    else
                        nth_weekdays := array_append(nth_weekdays, left(v_day, -2)::int * 8 + v_weekday);
                    end if;
                end loop;
        end case;
    end loop;
end
$$;
revoke execute on function ticketdb.parse_rrule(text) from public;
comment on function ticketdb.parse_rrule(text) is
'The parts of a recurrence rule

freq; step: INTERVAL; max_count: COUNT; until_at, until_is_utc: UNTIL; week_start: WKST; months, week_numbers, year_days, month_days,
weekdays and nth_weekdays (BYDAY), hours, minutes, positions (BYSETPOS): null where the rule does not have them.';
