-- Moves an occurrence to another time or space. Tickets stay valid, the date of the recurrence that it stands for stays its own
-- (derive_schedule_times), and its holders are told (tell_holders): both by trigger, whoever moves it. Row level security says who may.
-- locks: event_schedules
-- raises: not_allowed, invalid_argument, schedule_not_found, schedule_cancelled, schedule_completed, space_not_found, slot_conflict
create or replace function public.move_schedule(
    p_schedule_id int,
    p_schedule_date date default null,
    p_start_time time default null,
    p_end_time time default null,
    p_space_id int default null,
    p_reason text default null,
    out schedule_id int,
    out schedule_date date,
    out start_time time,
    out end_time time,
    out space_id int,
    out starts_at timestamptz,
    out ends_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_schedule record;
begin
    perform ticketdb.require_staff();
    perform ticketdb.require_read_committed();
    perform ticketdb.refuse_unknown_space(p_space_id);
    select s.status, s.ends_at, s.start_time, s.end_time into v_schedule
    from public.event_schedules as s
    where s.id = p_schedule_id
    -- what a new start takes; taken in two steps it would meet a booking that refers to the schedule and is about to sell of it
    for update;
    if not found then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    perform ticketdb.refuse_settled(p_schedule_id, v_schedule.status, v_schedule.ends_at);

    perform set_config('ticketdb.move_reason', coalesce(p_reason, ''), true);
    begin
        update public.event_schedules as s
        set schedule_date = coalesce(p_schedule_date, s.schedule_date),
            start_time = coalesce(p_start_time, s.start_time),
            -- as long as it was, unless the caller says otherwise
            end_time = coalesce(p_end_time, coalesce(p_start_time, s.start_time) + (s.end_time - s.start_time)),
            space_id = coalesce(p_space_id, s.space_id)
        where s.id = p_schedule_id
        returning s.id, s.schedule_date, s.start_time, s.end_time, s.space_id, s.starts_at, s.ends_at
        into schedule_id, schedule_date, start_time, end_time, space_id, starts_at, ends_at;
    exception
        when unique_violation then
            perform ticketdb.raise_error(
                'slot_conflict', format('the event of schedule %s takes place at that time already', p_schedule_id),
                'Choose another time, or move_reservation its holders to the other schedule.',
                jsonb_build_object('schedule_id', p_schedule_id)
            );
    end;
    perform set_config('ticketdb.move_reason', '', true);
end
$$;
revoke execute on function public.move_schedule(int, date, time, time, int, text) from public;
comment on function public.move_schedule(int, date, time, time, int, text) is
'Move a schedule

One occurrence takes place at another time or in another space. Tickets stay valid, and every holder is told (schedule_moved) the old
and the new time. p_schedule_id: from event_schedules; p_schedule_date, p_start_time: local, null leaves them; p_end_time: null keeps
the length; p_space_id: null leaves it; p_reason: told to the holders. For admins and the payment server. Errors: not_allowed,
invalid_argument, schedule_not_found, schedule_cancelled, schedule_completed, space_not_found, slot_conflict.';
