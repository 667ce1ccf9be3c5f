-- Refuses to change an occurrence that was called off or is over. Called by move_schedule.
-- locks: none
-- raises: schedule_cancelled, schedule_completed
create or replace function ticketdb.refuse_settled(p_schedule_id int, p_status text, p_ends_at timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_status = 'cancelled' then
        perform ticketdb.raise_error(
            'schedule_cancelled', format('schedule %s is cancelled', p_schedule_id),
            'Set its status to scheduled first, or make another schedule.',
            jsonb_build_object('schedule_id', p_schedule_id)
        );
    end if;
    if p_status = 'completed' or p_ends_at <= now() then
        perform ticketdb.raise_error(
            'schedule_completed', format('schedule %s is over', p_schedule_id),
            'Make another schedule.', jsonb_build_object('schedule_id', p_schedule_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.refuse_settled(int, text, timestamptz) from public;
comment on function ticketdb.refuse_settled(int, text, timestamptz) is
'Refuse to move an occurrence that was called off or is over';
