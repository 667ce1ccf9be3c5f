-- The rule of RFC 5545 that a recurrence stands for: daily and weekly are rules too. The one place that knows what a recurrence_type
-- means. Called by recurrence_starts, and where an event is shown as a rule.
-- locks: none
-- raises: nothing
create or replace function ticketdb.recurrence_rule(p_recurrence_type text, p_recurrence_days text, p_rrule text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekdays constant text[] := array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
begin
    return case
        when p_recurrence_type = 'rrule' then p_rrule
        when p_recurrence_type in ('daily', 'weekly') and p_recurrence_days is null then 'FREQ=DAILY'
        when p_recurrence_type in ('daily', 'weekly') then 'FREQ=WEEKLY;BYDAY=' || (
            select string_agg(v_weekdays[w.day::int], ',' order by w.day)
            from unnest(string_to_array(p_recurrence_days, ',')) as w (day)
        )
    end;
end
$$;
revoke execute on function ticketdb.recurrence_rule(text, text, text) from public;
comment on function ticketdb.recurrence_rule(text, text, text) is
'Recurrence rule that a recurrence_type stands for; null where an event does not recur';
