-- An event changed its space, or the time that it takes before and after: its occurrences without a space of their own follow. Those that
-- are over cannot be in anybody's way; where they overlap with what else was there, that is kept. Called by trigger.
-- locks: as occupy_spaces
-- raises: slot_conflict
create or replace function ticketdb.follow_definition_space()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_over int[];
    v_coming int[];
begin
    select
        coalesce(array_agg(s.id) filter (where s.ends_at <= now()), '{}'),
        coalesce(array_agg(s.id) filter (where s.ends_at > now()), '{}')
    into v_over, v_coming
    from public.event_schedules as s
    where s.event_definition_id = new.id;
    perform ticketdb.occupy_spaces(v_over, '{}', true);
    perform ticketdb.occupy_spaces(v_coming, '{}');
    return null;
end
$$;
revoke execute on function ticketdb.follow_definition_space() from public;
comment on function ticketdb.follow_definition_space() is
'Trigger: the occupations of an event whose space, set-up or tear-down changed';
