-- Inserts the occurrences of a recurring event that are missing, in one statement. Safe beside itself: what another run
-- inserts meanwhile is passed over. Where the space is taken it is left out and told as a notice; the preview names who has it.
-- Dates arrive as timestamps, so that CURRENT_DATE + INTERVAL '30 days' can be passed as it is.
-- locks: event_schedules (new rows only), then as occupy_spaces
-- raises: not_allowed, invalid_argument, definition_not_found, not_recurring
create or replace function public.generate_recurring_schedules(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp
)
returns int
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_inserted int;
    v_left_out bigint;
    v_first timestamp;
begin
    perform ticketdb.require_staff();
    perform ticketdb.require_read_committed();
    perform ticketdb.check_recurrence_arguments(p_event_definition_id, p_start_date, p_end_date);
    for v_attempt in 1 .. 10 loop
        begin
            with planned as materialized (
                select
                    o.schedule_date, o.start_time, o.end_time, o.extra_days, o.conflict is not null as is_taken
                from ticketdb.planned_occurrences(p_event_definition_id, p_start_date::date, p_end_date::date) as o
                where not o.already_exists
            ),
            made as (
                insert into public.event_schedules (
                    event_definition_id, schedule_date, start_time, end_time, extra_days, max_tickets, ticket_price
                )
                select d.id, o.schedule_date, o.start_time, o.end_time, o.extra_days, d.max_tickets, d.default_ticket_price
                from public.event_definitions as d
                cross join planned as o
                where d.id = p_event_definition_id and not o.is_taken
                order by o.schedule_date
                on conflict do nothing
                returning event_schedules.id
            )
            select (select count(*)::int from made), count(*), min(o.schedule_date + o.start_time)
            into v_inserted, v_left_out, v_first
            from planned as o
            where o.is_taken;
            exit;
        exception
            -- somebody has just taken the space on one of the dates: he is seen now
            when sqlstate 'PT409' then
                if v_attempt = 10 then
                    raise;
                end if;
        end;
    end loop;
    if v_left_out > 0 then
        raise notice 'event definition %: % left out, for the space is taken, the first on %', p_event_definition_id, v_left_out, v_first;
    end if;
    return v_inserted;
end
$$;
revoke execute on function public.generate_recurring_schedules(int, timestamp, timestamp) from public;
comment on function public.generate_recurring_schedules(int, timestamp, timestamp) is
'Generate schedules

Inserts the missing occurrences of a recurring event from p_start_date to p_end_date, both included, and returns how
many it inserted. Dates on which the space is taken are left out; preview_recurring_schedules names them. Running it again inserts nothing,
and an occurrence that was moved is not made again. schedule_exceptions says where an event or its venue does not keep to the
recurrence. p_event_definition_id: from event_definitions. Errors: not_allowed, invalid_argument, definition_not_found, not_recurring.';
