-- Puts reminders into the outbox a day before they are due, so that a round a day is enough. Each start is reminded of once; one that
-- was moved is another start. Who bought after the reminder was due knows without. A step of the daily round.
-- locks: ticket_notifications (new rows), ticket_reservations (key share)
-- raises: nothing
create or replace function ticketdb.queue_reminders(p_limit int)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_queued bigint;
begin
    insert into public.ticket_notifications (kind, reservation_id, details, once_key, due_at)
    select 'schedule_reminder', r.id, jsonb_build_object('starts_at', s.starts_at), k.once_key, a.remind_at
    from public.event_definitions as d
    inner join public.event_schedules as s on s.event_definition_id = d.id
    cross join lateral (
        select ticketdb.reminder_at(s.starts_at, d.reminder_before, d.reminder_time, d.timezone) as remind_at
    ) as a
    inner join public.ticket_reservations as r on r.schedule_id = s.id
    cross join lateral (
        select format('reminder %s %s', r.id, extract(epoch from s.starts_at)::bigint) as once_key
    ) as k
    where d.reminder_before is not null
      and s.status = 'scheduled' and s.starts_at > now()
      -- what an index finds: the dates of all zones, and a day either side
      and s.schedule_date between current_date - 2 and (current_date + 4 + d.reminder_before)::date
      and a.remind_at <= now() + interval '1 day'
      and r.status = 'confirmed' and r.confirmed_at < a.remind_at
      and not exists (select from public.ticket_notifications as n where n.once_key = k.once_key)
    order by a.remind_at, r.id
    limit p_limit
    on conflict do nothing;
    get diagnostics v_queued = row_count;
    return v_queued;
end
$$;
revoke execute on function ticketdb.queue_reminders(int) from public;
comment on function ticketdb.queue_reminders(int) is
'Put reminders that are due within a day into the outbox; returns how many

p_limit: at most so many.';
