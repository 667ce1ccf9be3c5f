-- When a recurrence rule takes place: the face of rrule_starts for any rule, saved or not.
-- locks: none
-- raises: invalid_recurrence, invalid_argument
create or replace function public.expand_rrule(p_rrule text, p_dtstart timestamp, p_from timestamp, p_to timestamp)
returns setof timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_dtstart is null or p_from is null or p_to is null
        or least(p_dtstart, p_from, p_to) < timestamp '1000-01-01' or greatest(p_dtstart, p_from, p_to) >= timestamp '10000-01-01'
    then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s, %s to %s: not three dates of four-digit years', p_dtstart, p_from, p_to),
            'Pass the first start, and the two ends of the period.'
        );
    end if;
    -- the calendar repeats itself after so long
    if p_to - interval '400 years' > p_from then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s to %s is more than 400 years', p_from, p_to), 'Take a shorter period.'
        );
    end if;
    perform ticketdb.check_rrule(p_rrule);
    return query select s.at from ticketdb.rrule_starts(p_rrule, p_dtstart, p_from, p_to) as s (at);
end
$$;
revoke execute on function public.expand_rrule(text, timestamp, timestamp, timestamp) from public;
comment on function public.expand_rrule(text, timestamp, timestamp, timestamp) is
'Expand a recurrence rule

The local times at which a rule of RFC 5545 takes place from p_from to p_to, both included, ascending. p_rrule: such as
FREQ=WEEKLY;BYDAY=MO,WE; p_dtstart: its first start, which is an occurrence only if it matches the rule; an UNTIL in UTC is read as
if all times were. Errors: invalid_recurrence, whose detail has the part, and invalid_argument.';
