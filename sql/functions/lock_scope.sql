-- Locks all that a change of an event's occurrences is about, and returns their ids in ascending order. Whoever changes an occurrence by
-- itself has its row before he comes to its buckets' or its event's lock; so only the buckets are waited for here. Where somebody has
-- one of the rows, everything is given back for a moment, and tried again. What was generated meanwhile belongs to it too.
-- Called by edit_schedules.
-- locks: ticketdb.seat_buckets, then event_schedules and event_definitions without waiting
-- raises: definition_not_found, what schedules_in_scope raises; lock_not_available
create or replace function ticketdb.lock_scope(
    p_event_definition_id int,
    p_scope text,
    p_schedule_id int
)
returns int[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids int[];
begin
    if not exists (select from public.event_definitions as d where d.id = p_event_definition_id) then
        perform ticketdb.refuse_definition(p_event_definition_id);
    end if;
    for v_attempt in 1 .. 500 loop
        begin
            v_ids := ticketdb.schedules_in_scope(p_event_definition_id, p_scope, p_schedule_id);
            perform ticketdb.lock_buckets(n.id)
            from unnest(v_ids) as n (id);
            begin
                -- as strong as an update takes it that names start_time, whatever it is set to
                perform from public.event_schedules as s where s.id = any (v_ids) order by s.id for update nowait;
                perform from public.event_definitions as d where d.id = p_event_definition_id for no key update nowait;
            exception
                -- not that of a lock_timeout, which the caller is to see
                when lock_not_available then raise sqlstate 'TD001';
            end;
            if v_ids = ticketdb.schedules_in_scope(p_event_definition_id, p_scope, p_schedule_id) then
                return v_ids;
            end if;
            raise sqlstate 'TD001';
        exception
            when sqlstate 'TD001' then null;
        end;
        perform pg_sleep(0.01);
    end loop;
    raise lock_not_available using
        message = format('schedules of event definition %s are just being changed', p_event_definition_id),
        hint = 'Try again in a moment.';
end
$$;
revoke execute on function ticketdb.lock_scope(int, text, int) from public;
comment on function ticketdb.lock_scope(int, text, int) is
'Lock the occurrences that a change is about, and their event; returns their ids

p_scope, p_schedule_id: see schedules_in_scope.';
