-- Refuses parts of a rule that may not stand together, by RFC 5545 or because libraries read them differently. Called by check_rrule,
-- when each part by itself is right.
-- locks: none
-- raises: invalid_recurrence
create or replace function ticketdb.refuse_rrule_mix(p_rrule text, p_names text[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rule record;
    v_problem text;
    v_part text;
    v_hint text;
begin
    if 'FREQ' <> all (p_names) then
        perform ticketdb.refuse_rrule(p_rrule, 'the rule does not say how often', 'Add FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.');
    end if;
    v_rule := ticketdb.parse_rrule(p_rrule);
    case
        when v_rule.max_count is not null and v_rule.until_at is not null then
            v_part := 'COUNT'; v_problem := 'COUNT and UNTIL cannot both end a rule'; v_hint := 'Keep one of them.';
        when v_rule.week_numbers is not null and v_rule.freq <> 'YEARLY' then
            v_part := 'BYWEEKNO'; v_problem := 'weeks of the year need FREQ=YEARLY'; v_hint := 'Use FREQ=YEARLY, or BYDAY.';
        when v_rule.week_numbers is not null and v_rule.step > 1 then
            v_part := 'INTERVAL'; v_problem := 'every so many years of weeks is read in different ways';
            v_hint := 'Leave INTERVAL out, or name the days without BYWEEKNO.';
        when v_rule.year_days is not null and v_rule.freq <> 'YEARLY' then
            v_part := 'BYYEARDAY'; v_problem := 'days of the year need FREQ=YEARLY'; v_hint := 'Use FREQ=YEARLY, or BYMONTHDAY.';
        when v_rule.month_days is not null and v_rule.freq = 'WEEKLY' then
            v_part := 'BYMONTHDAY'; v_problem := 'a week has no days of the month';
            v_hint := 'Use FREQ=MONTHLY, or BYDAY; for both, FREQ=DAILY.';
        when v_rule.nth_weekdays is not null and v_rule.freq not in ('MONTHLY', 'YEARLY') then
            v_part := 'BYDAY'; v_problem := 'an ordinal of a weekday is of a month or a year';
            v_hint := 'Use FREQ=MONTHLY or YEARLY, or weekdays alone.';
        when v_rule.nth_weekdays is not null and v_rule.week_numbers is not null then
            v_part := 'BYDAY'; v_problem := 'a week has each weekday once'; v_hint := 'Leave the ordinal out, or BYWEEKNO.';
        when v_rule.nth_weekdays is not null and v_rule.freq = 'YEARLY'
            and (v_rule.month_days is not null or v_rule.year_days is not null) and v_rule.months is null
        then
            v_part := 'BYDAY'; v_problem := 'whether the ordinal counts in the month or in the year is left open here';
            v_hint := 'Add BYMONTH, or leave the ordinal out.';
        when v_rule.positions is not null and p_names <@ array['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYSETPOS'] then
            v_part := 'BYSETPOS'; v_problem := 'there is no set to choose from'; v_hint := 'Add another BY part, such as BYDAY.';
        else
            return;
    end case;
    select x.part into v_part
    from unnest(string_to_array(ticketdb.rrule_text(p_rrule), ';')) as x (part)
    where split_part(x.part, '=', 1) = v_part;
    perform ticketdb.refuse_rrule(v_part, v_problem, v_hint);
end
$$;
revoke execute on function ticketdb.refuse_rrule_mix(text, text[]) from public;
comment on function ticketdb.refuse_rrule_mix(text, text[]) is
'Refuse parts of a recurrence rule that may not stand together

p_names: the names of its parts.';
