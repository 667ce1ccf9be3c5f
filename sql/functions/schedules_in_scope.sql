-- The occurrences that a change is about, in ascending id. Called by edit_schedules.
-- locks: none
-- raises: invalid_argument, schedule_not_found
create or replace function ticketdb.schedules_in_scope(
    p_event_definition_id int,
    p_scope text,
    p_schedule_id int
)
returns int[]
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_from timestamptz;
begin
    if p_scope is null or p_scope not in ('this', 'this_and_following', 'all_future')
        or (p_schedule_id is null) <> (p_scope = 'all_future')
    then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('scope %s with schedule %s', coalesce(p_scope, 'null'), coalesce(p_schedule_id::text, 'null')),
            'Pass this or this_and_following with a schedule, or all_future without one.',
            jsonb_build_object('scope', p_scope, 'schedule_id', p_schedule_id)
        );
    end if;
    if p_scope = 'all_future' then
        v_from := now();
    else
        select s.starts_at into v_from
        from public.event_schedules as s
        where s.id = p_schedule_id and s.event_definition_id = p_event_definition_id;
        if not found then
            perform ticketdb.raise_error(
                'schedule_not_found', format('event %s has no schedule %s', p_event_definition_id, p_schedule_id),
                'event_schedules lists them.', jsonb_build_object('schedule_id', p_schedule_id)
            );
        end if;
    end if;
    return array(
        select s.id
        from public.event_schedules as s
        where s.event_definition_id = p_event_definition_id
          and (
              s.id = p_schedule_id
              or p_scope <> 'this' and s.starts_at >= v_from and s.starts_at > now()
          )
        order by s.id
    );
end
$$;
revoke execute on function ticketdb.schedules_in_scope(int, text, int) from public;
comment on function ticketdb.schedules_in_scope(int, text, int) is
'The occurrences that a change is about

p_scope: this, this_and_following or all_future; p_schedule_id: the one that "this" means.';
