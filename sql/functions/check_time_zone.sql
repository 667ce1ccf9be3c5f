-- Refuses a time zone that is not an IANA name, spelt exactly so, and says which was probably meant. A zone has a slash, or is UTC or
-- GMT: names without one are abbreviations, or countries as of 1990, and the IANA keep them for old data only. Called by guard_definition.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.check_time_zone(p_timezone text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- the list of zones takes milliseconds to read: skip it for a zone that is in use already
    if exists (select from public.event_definitions as d where d.timezone = p_timezone)
        or exists (
            select from pg_timezone_names as z
            where z.name = p_timezone
              and (z.name ~ '^(?!posix/|right/|SystemV/)[A-Z][^/]*/' or z.name in ('UTC', 'GMT'))
        )
    then
        return;
    end if;
    perform ticketdb.raise_error(
        'invalid_argument', format('time zone %L is not an IANA name', p_timezone),
        coalesce(
            'Probably ' || ticketdb.time_zone_named(p_timezone) || ' is meant, spelt exactly so.',
            'Use a name such as Asia/Kolkata, Europe/Paris or UTC, spelt exactly so; pg_timezone_names lists them.'
        ),
        jsonb_build_object('timezone', p_timezone, 'meant', ticketdb.time_zone_named(p_timezone))
    );
end
$$;
revoke execute on function ticketdb.check_time_zone(text) from public;
comment on function ticketdb.check_time_zone(text) is 'Refuse what is not an IANA time zone';
