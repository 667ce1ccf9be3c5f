-- Gives an event the new values that edit_schedules gave its occurrences, and keeps apart what stays. An occurrence that is not changed
-- keeps the price and the space that it had from the event; and where the start is another, what stands at the old one stands
-- for the new one of its date, the earlier ones of this_and_following too, so that generating makes no second occurrence of a date.
-- Called by edit_schedules.
-- locks: event_schedules, event_definitions (by the caller)
-- raises: what the checks of event_definitions raise
create or replace function ticketdb.change_definition(
    p_event_definition_id int,
    p_changes jsonb
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_wanted record;
    v_event record;
    v_today date;
begin
    v_wanted := ticketdb.check_schedule_changes(p_changes);
    select d.default_start_time, d.default_ticket_price, d.space_id, d.timezone into v_event
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    v_today := (now() at time zone v_event.timezone)::date;

    update public.event_schedules as s
    set ticket_price = case
            when v_wanted.ticket_price is null then s.ticket_price else coalesce(s.ticket_price, v_event.default_ticket_price)
        end,
        space_id = case when v_wanted.space_id is null then s.space_id else coalesce(s.space_id, v_event.space_id) end
    where s.event_definition_id = p_event_definition_id
      and (
          s.ticket_price is null and v_wanted.ticket_price is not null
          or s.space_id is null and v_wanted.space_id is not null
      );
    update public.event_schedules as s
    set original_start = nullif(
        coalesce(s.original_start, s.start_datetime)::date + v_wanted.start_time, s.start_datetime
    )
    where s.event_definition_id = p_event_definition_id
      and coalesce(s.original_start, s.start_datetime) >= v_today
      and coalesce(s.original_start, s.start_datetime)::time = v_event.default_start_time
      and v_wanted.start_time <> v_event.default_start_time;
    update public.schedule_exceptions as x
    set start_time = v_wanted.start_time
    where x.event_definition_id = p_event_definition_id
      and x.kind = 'excluded'
      and x.exception_date >= v_today
      and x.start_time = v_event.default_start_time
      and v_wanted.start_time <> v_event.default_start_time;
    update public.event_definitions as d
    set default_start_time = coalesce(v_wanted.start_time, d.default_start_time),
        -- as long as it was, unless the caller says otherwise
        default_end_time = coalesce(
            v_wanted.end_time, coalesce(v_wanted.start_time, d.default_start_time) + (d.default_end_time - d.default_start_time)
        ),
        default_extra_days = coalesce(v_wanted.extra_days, d.default_extra_days),
        default_ticket_price = coalesce(v_wanted.ticket_price, d.default_ticket_price),
        max_tickets = coalesce(v_wanted.max_tickets, d.max_tickets),
        space_id = coalesce(v_wanted.space_id, d.space_id)
    where d.id = p_event_definition_id;
end
$$;
revoke execute on function ticketdb.change_definition(int, jsonb) from public;
comment on function ticketdb.change_definition(int, jsonb) is
'Give an event the values that its occurrences were given

p_changes: see check_schedule_changes.';
