-- Says clearly what is wrong with a definition before a constraint says it tersely, and refuses time zones that are not IANA
-- names. Called by trigger before a definition is written.
-- locks: none
-- raises: invalid_recurrence, invalid_argument
create or replace function ticketdb.guard_definition()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.recurrence_type is null or new.recurrence_type not in ('none', 'daily', 'weekly') then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurrence_type %L is not known', new.recurrence_type),
            'Use none, daily or weekly.', jsonb_build_object('recurrence_type', new.recurrence_type)
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

    -- the list of zones takes milliseconds to read: skip it for a zone that is in use already
    if (tg_op = 'INSERT' or new.timezone is distinct from old.timezone)
        and not exists (select from public.event_definitions as d where d.timezone = new.timezone)
        and not exists (
            select from pg_timezone_names as z
            where z.name = new.timezone
              and (z.name ~ '^(?!posix/|right/|SystemV/)[A-Z][^/]*/' or z.name in ('UTC', 'GMT'))
        )
    then
        perform ticketdb.raise_error(
            'invalid_argument', format('time zone %L is not an IANA name', new.timezone),
            'Use a name such as Asia/Kolkata, Europe/Paris or UTC, spelt exactly so; pg_timezone_names lists them.',
            jsonb_build_object('timezone', new.timezone)
        );
    end if;
    return new;
end
$$;
revoke execute on function ticketdb.guard_definition() from public;
comment on function ticketdb.guard_definition() is 'Trigger: refuse a malformed recurrence or an unknown time zone';
