-- The first day from which a pass of an event can be good: not before today, and not on a day on which something of it has begun.
-- Called where a pass begins.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_start(p_event_definition_id int, p_from date default null)
returns date
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today constant date := (
        select (now() at time zone d.timezone)::date from public.event_definitions as d where d.id = p_event_definition_id
    );
begin
    if p_from > v_today then
        return p_from;
    end if;
    return case
        when exists (
            select
            from public.event_schedules as s
            where s.event_definition_id = p_event_definition_id and s.schedule_date = v_today
              and s.starts_at <= now() and s.status <> 'cancelled' and not s.is_blocked
        )
        -- or it would begin with one that is made only now
        or exists (
            select
            from public.event_definitions as d
            cross join ticketdb.definition_occurrences(d.id, v_today, v_today) as o
            where d.id = p_event_definition_id
              and ticketdb.local_instant(o.schedule_date + o.start_time, d.timezone) <= now()
              and not exists (
                  select
                  from public.event_schedules as s
                  where s.event_definition_id = d.id
                    and (
                        (s.schedule_date, s.start_time) = (o.schedule_date, o.start_time)
                        or s.original_start = o.schedule_date + o.start_time
                    )
              )
        ) then v_today + 1
        else v_today
    end;
end
$$;
revoke execute on function ticketdb.pass_start(int, date) from public;
comment on function ticketdb.pass_start(int, date) is
'First day from which a pass can be good

p_from: not before; null means today.';
