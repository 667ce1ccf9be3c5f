-- Says clearly what is wrong with a definition before a constraint says it tersely, and saves a recurrence rule so that everybody
-- reads it alike. Called by trigger before a definition is written.
-- locks: none
-- raises: invalid_recurrence, invalid_argument
create or replace function ticketdb.guard_definition()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.recurrence_type is null or new.recurrence_type not in ('none', 'daily', 'weekly', 'rrule') then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurrence_type %L is not known', new.recurrence_type),
            'Use none, daily, weekly or rrule.', jsonb_build_object('recurrence_type', new.recurrence_type)
        );
    end if;
    if new.recurrence_days !~ '^[1-7](,[1-7])*$' or new.recurrence_days ~ '([1-7]).*\1' then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurrence_days %L is not a list of weekdays', new.recurrence_days),
            'Give ISO weekdays, comma-separated and each once: 1,3,5 is Monday, Wednesday, Friday.',
            jsonb_build_object('recurrence_days', new.recurrence_days)
        );
    end if;
    if new.recurrence_type = 'weekly' and new.recurrence_days is null then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('weekly event %s does not say on which days', new.event_code),
            'Set recurrence_days, such as 1,3,5 for Monday, Wednesday, Friday.'
        );
    end if;
    if new.recurrence_type <> 'none' and new.default_start_time is null then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurring event %s has no start time', new.event_code),
            'Set default_start_time, such as 07:00.'
        );
    end if;

    if tg_op = 'INSERT' or new.timezone is distinct from old.timezone then
        perform ticketdb.check_time_zone(new.timezone);
    end if;
    if new.recurrence_starts_on not between date '1900-01-01' and date '2999-12-31' then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('event %s cannot recur from %s on', new.event_code, new.recurrence_starts_on),
            'Give a date from 1900 to 2999, or null.', jsonb_build_object('recurrence_starts_on', new.recurrence_starts_on)
        );
    end if;
    if new.recurrence_type <> 'rrule' then
        if new.rrule is not null then
            perform ticketdb.refuse_rrule(
                new.rrule, format('event %s has a rule and recurs %s', new.event_code, new.recurrence_type),
                'Set recurrence_type to rrule, or rrule to null.'
            );
        end if;
        return new;
    end if;
    if new.recurrence_days is not null then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('event %s has a rule and recurrence_days', new.event_code),
            'Set recurrence_days to null, and say the weekdays in the rule: BYDAY=MO,WE.',
            jsonb_build_object('recurrence_days', new.recurrence_days)
        );
    end if;
    new.recurrence_starts_on := coalesce(new.recurrence_starts_on, (now() at time zone new.timezone)::date);
    if tg_op = 'INSERT'
        or (new.rrule, new.recurrence_starts_on, new.default_start_time)
            is distinct from (old.rrule, old.recurrence_starts_on, old.default_start_time)
    then
        perform ticketdb.check_rrule(new.rrule);
        new.rrule := ticketdb.normalise_rrule(new.rrule, new.recurrence_starts_on + new.default_start_time);
        perform ticketdb.refuse_endless_wait(new.rrule, new.recurrence_starts_on + new.default_start_time, new.timezone);
    end if;
    return new;
end
$$;
revoke execute on function ticketdb.guard_definition() from public;
comment on function ticketdb.guard_definition() is 'Trigger: refuse a malformed recurrence or an unknown time zone';
