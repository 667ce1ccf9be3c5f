-- A recurrence rule in English, for those who have to say whether it is the one they meant.
-- locks: none
-- raises: invalid_recurrence
create or replace function public.describe_rrule(p_rrule text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.check_rrule(p_rrule);
    return ticketdb.spoken_rrule(p_rrule);
end
$$;
revoke execute on function public.describe_rrule(text) from public;
comment on function public.describe_rrule(text) is
'Describe a recurrence rule

A rule of RFC 5545 in English: FREQ=MONTHLY;BYDAY=2TU;BYHOUR=19;BYMINUTE=0 is "every second Tuesday of the month at 19:00". p_rrule: the
rule. Errors: invalid_recurrence, whose detail has the part.';
