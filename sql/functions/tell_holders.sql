-- Tells the holders of an occurrence that it was moved to another time or space, whoever moved it: what it was and what it is. What is
-- cancelled or over is nobody's business any more. Called by trigger after an occurrence was moved.
-- locks: ticket_notifications (new rows)
-- raises: nothing
create or replace function ticketdb.tell_holders()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_default_space_id int;
begin
    if new.status <> 'scheduled' or old.ends_at <= now() and new.ends_at <= now() then
        return null;
    end if;
    select d.space_id into v_default_space_id
    from public.event_definitions as d
    where d.id = new.event_definition_id;
    if (new.schedule_date, new.start_time, new.end_time, new.extra_days, coalesce(new.space_id, v_default_space_id))
        is not distinct from
        (old.schedule_date, old.start_time, old.end_time, old.extra_days, coalesce(old.space_id, v_default_space_id))
    then
        -- it only says now which space it always had
        return null;
    end if;
    perform ticketdb.queue_notification(
        'schedule_moved', r.id,
        jsonb_strip_nulls(jsonb_build_object(
            'reason', nullif(current_setting('ticketdb.move_reason', true), ''),
            'old', ticketdb.describe_place(old.id, old.starts_at, old.ends_at, old.space_id),
            'new', ticketdb.describe_place(new.id, new.starts_at, new.ends_at, new.space_id)
        ))
    )
    from public.ticket_reservations as r
    where r.schedule_id = new.id
      and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp());
    return null;
end
$$;
revoke execute on function ticketdb.tell_holders() from public;
comment on function ticketdb.tell_holders() is 'Trigger: tell the holders of an occurrence that it was moved';
