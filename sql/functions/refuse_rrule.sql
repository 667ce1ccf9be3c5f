-- Says what is wrong with a recurrence rule, and with which part of it. Called by whoever checks a rule.
-- locks: none
-- raises: invalid_recurrence
create or replace function ticketdb.refuse_rrule(p_part text, p_message text, p_hint text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error('invalid_recurrence', p_message, p_hint, jsonb_build_object('part', left(p_part, 200)));
end
$$;
revoke execute on function ticketdb.refuse_rrule(text, text, text) from public;
comment on function ticketdb.refuse_rrule(text, text, text) is
'Raise invalid_recurrence

p_part: the part of the rule that is wrong, as it stands there; p_message and p_hint: for people.';
