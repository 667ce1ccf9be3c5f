-- Refuses a rule that never takes place: nothing in the 400 years after its start, after which the calendar repeats itself. The
-- first years answer for nearly every rule. Called when a rule is saved.
-- locks: none
-- raises: invalid_recurrence
create or replace function ticketdb.refuse_endless_wait(p_rrule text, p_dtstart timestamp, p_timezone text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from ticketdb.rrule_starts(p_rrule, p_dtstart, p_dtstart, p_dtstart + interval '2 years', p_timezone))
        and not exists (select from ticketdb.rrule_starts(p_rrule, p_dtstart, p_dtstart, p_dtstart + interval '400 years', p_timezone))
    then
        perform ticketdb.refuse_rrule(
            p_rrule, format('%s never takes place from %s on', p_rrule, p_dtstart),
            'Look for a day that no calendar has, an UNTIL before the start, or an INTERVAL that passes it by.'
        );
    end if;
end
$$;
revoke execute on function ticketdb.refuse_endless_wait(text, timestamp, text) from public;
comment on function ticketdb.refuse_endless_wait(text, timestamp, text) is 'Refuse a recurrence rule without an occurrence

p_timezone: in which an UNTIL in UTC is compared.';
