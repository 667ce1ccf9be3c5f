-- Reads an event of a calendar and refuses what we do not have: several rules, rules of exclusion, an event that is cancelled. An event
-- without a rule takes place once. Called by save_event.
-- locks: none
-- raises: invalid_argument, invalid_recurrence
create or replace function ticketdb.read_event(
    p_event jsonb,
    out uid text,
    out title text,
    out timezone text,
    out rule text,
    out first_start timestamp,
    out length interval
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_list text;
    v_starts_at constant text := p_event ->> 'starts_at';
begin
    foreach v_list in array array['rules', 'exclusion_rules', 'exdates', 'rdates', 'overrides'] loop
        if jsonb_typeof(coalesce(p_event -> v_list, '[]')) <> 'array' then
            perform ticketdb.raise_error('invalid_argument', format('%s is no list', v_list), 'Give a JSON array.');
        end if;
    end loop;
    uid := p_event ->> 'uid';
    title := btrim(p_event ->> 'title');
    if coalesce(length(uid), 0) not between 1 and 500 or coalesce(title, '') = '' or length(title) > 255
        or length(p_event ->> 'event_category') > 50 or length(p_event ->> 'event_type') > 50
    then
        perform ticketdb.raise_error(
            'invalid_argument', 'an event has a uid of at most 500 letters, a title of at most 255, and category and type of at most 50',
            'Give it a title (SUMMARY) in the calendar that it comes from, and export it again.'
        );
    end if;
    if p_event ->> 'status' = 'CANCELLED' then
        perform ticketdb.raise_error(
            'invalid_argument', 'the event is cancelled in the calendar',
            'Leave it out; if it is here already, call its occurrences off with cancel_schedule.'
        );
    end if;
    if jsonb_array_length(coalesce(p_event -> 'rules', '[]')) > 1 or jsonb_array_length(coalesce(p_event -> 'exclusion_rules', '[]')) > 0 then
        perform ticketdb.refuse_rrule(
            coalesce(p_event #>> '{exclusion_rules,0}', p_event #>> '{rules,1}'),
            'an event has one recurrence rule, and none that excludes',
            'Make an event of each RRULE, and EXDATEs of what an EXRULE says.'
        );
    end if;
    rule := p_event #>> '{rules,0}';
    timezone := coalesce(
        p_event ->> 'timezone',
        -- a calendar writes in UTC what takes place once, wherever it is
        case when v_starts_at ~ '[Z+]|-..:' and rule is not null then 'UTC' end,
        p_event ->> 'calendar_timezone',
        case when v_starts_at ~ '[Z+]|-..:' then 'UTC' else ticketdb.database_time_zone() end
    );
    perform ticketdb.check_time_zone(timezone);
    first_start := ticketdb.calendar_moment(v_starts_at, timezone);
    -- an hour where the calendar does not say, as for every new event
    length := coalesce(ticketdb.calendar_length(p_event, timezone), interval '1 hour');
    rule := coalesce(rule, 'FREQ=DAILY;COUNT=1');
    perform ticketdb.check_rrule(rule);
    rule := ticketdb.normalise_rrule(rule, first_start);
end
$$;
revoke execute on function ticketdb.read_event(jsonb) from public;
comment on function ticketdb.read_event(jsonb) is 'What an event of a calendar is here

p_event: as of import_event.';
