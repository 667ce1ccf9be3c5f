-- Refuses a rule that is not one, part by part: what its text may say, then which parts may stand together (refuse_rrule_mix).
-- Called when a rule is saved and when one is expanded.
-- locks: none
-- raises: invalid_recurrence
create or replace function ticketdb.check_rrule(p_rrule text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekday constant text := '(MO|TU|WE|TH|FR|SA|SU)';
    v_to_31 constant text := '(0?[1-9]|[12][0-9]|3[01])';
    v_to_53 constant text := '(0?[1-9]|[1-4][0-9]|5[0-3])';
    v_to_366 constant text := '(0{0,2}[1-9]|0?[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])';
    v_seen text[] := array[]::text[];
    v_part text;
    v_name text;
    v_one text;
    v_hint text;
    v_is_list boolean;
begin
    if coalesce(ticketdb.rrule_text(p_rrule), '') = '' or length(p_rrule) > 4000 then
        perform ticketdb.refuse_rrule(p_rrule, 'the recurrence rule is empty or endless', 'Give a rule such as FREQ=WEEKLY;BYDAY=MO,WE.');
    end if;
    foreach v_part in array string_to_array(ticketdb.rrule_text(p_rrule), ';') loop
        v_name := split_part(v_part, '=', 1);
        v_is_list := left(v_name, 2) = 'BY';
        v_one := null;
        case v_name
            when 'FREQ' then v_one := '(DAILY|WEEKLY|MONTHLY|YEARLY)'; v_hint := 'DAILY, WEEKLY, MONTHLY or YEARLY';
            when 'INTERVAL' then v_one := '0*[1-9][0-9]{0,3}'; v_hint := '1 to 9999';
            when 'COUNT' then v_one := '0*[1-9][0-9]{0,5}'; v_hint := '1 to 999999';
            when 'UNTIL' then v_one := '[0-9]{8}(T([01][0-9]|2[0-3])([0-5][0-9]){2}Z?)?'; v_hint := '20301231, 20301231T235959 or 20301231T235959Z';
            when 'WKST' then v_one := v_weekday; v_hint := 'MO to SU';
            when 'BYMONTH' then v_one := '(0?[1-9]|1[0-2])'; v_hint := '1 to 12';
            when 'BYWEEKNO' then v_one := '[+-]?' || v_to_53; v_hint := '1 to 53, or -53 to -1 from the end';
            when 'BYYEARDAY', 'BYSETPOS' then v_one := '[+-]?' || v_to_366; v_hint := '1 to 366, or -366 to -1 from the end';
            when 'BYMONTHDAY' then v_one := '[+-]?' || v_to_31; v_hint := '1 to 31, or -31 to -1 from the end';
            when 'BYDAY' then v_one := '([+-]?' || v_to_53 || ')?' || v_weekday; v_hint := 'MO to SU, or an ordinal with it: 2TU, -1FR';
            when 'BYHOUR' then v_one := '([01]?[0-9]|2[0-3])'; v_hint := '0 to 23';
            when 'BYMINUTE' then v_one := '[0-5]?[0-9]'; v_hint := '0 to 59';
            else
                perform ticketdb.refuse_rrule(
                    v_part, format('a recurrence rule has no part %L', v_part),
                    'Parts are FREQ, INTERVAL, COUNT, UNTIL, WKST, BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY, BYHOUR, '
                    'BYMINUTE and BYSETPOS, each NAME=VALUE, with ; between them.'
                );
        end case;
        if v_name = any (v_seen) then
            perform ticketdb.refuse_rrule(v_part, format('%s stands there twice', v_name), 'Give each part once.');
        end if;
        v_seen := array_append(v_seen, v_name);
        if v_part !~ ('^' || v_name || '=' || v_one || case when v_is_list then '(,' || v_one || ')*$' else '$' end) then
            perform ticketdb.refuse_rrule(
                v_part, format('%L is not what %s may be', substr(v_part, length(v_name) + 2), v_name),
                format(case when v_is_list then '%s takes %s; several with commas.' else '%s takes %s.' end, v_name, v_hint)
            );
        end if;
        if v_name = 'UNTIL' then
            begin
                perform rtrim(substr(v_part, 7), 'Z')::timestamp;
            exception
                when datetime_field_overflow or invalid_datetime_format then
                    perform ticketdb.refuse_rrule(v_part, format('no calendar has %s', substr(v_part, 7)), 'Give a date that exists.');
            end;
        end if;
    end loop;
    perform ticketdb.refuse_rrule_mix(p_rrule, v_seen);
end
$$;
revoke execute on function ticketdb.check_rrule(text) from public;
comment on function ticketdb.check_rrule(text) is 'Refuse what is no recurrence rule, naming the part';
