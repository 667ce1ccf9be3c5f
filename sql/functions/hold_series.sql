-- Holds tickets of every occurrence of an event in a period, or none. Seats are taken in ascending schedule id, so that two
-- series meet in the same order and never wait for each other in a circle. The first reservation carries the idempotency key and
-- gives the series its number. The inside of reserve_series.
-- locks: users; then for each occurrence as hold_tickets
-- raises: definition_not_found, schedule_not_found, invalid_argument, idempotency_key_reused, and what hold_tickets raises
create or replace function ticketdb.hold_series(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp,
    p_quantity int,
    p_user_id int,
    p_idempotency_key text,
    p_contact jsonb
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_request constant jsonb := jsonb_build_object(
        'event_definition_id', p_event_definition_id, 'start_date', p_start_date::date, 'end_date', p_end_date::date,
        'quantity', p_quantity, 'user_id', p_user_id, 'contact', p_contact
    );
    v_id bigint := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    v_schedule_id int;
    v_hold record;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_period(p_event_definition_id, p_start_date, p_end_date);
    perform ticketdb.check_reservation_arguments(0, p_quantity, p_user_id, null, p_contact);
    if v_id is not null then
        return v_id;
    end if;

    -- ahead of all seats, though only some occurrences may have a limit for one user
    perform from public.users as u where u.id = p_user_id for no key update;
    for v_schedule_id in
        select s.id
        from public.event_schedules as s
        where s.event_definition_id = p_event_definition_id
          and s.schedule_date between p_start_date::date and p_end_date::date
          -- what does not take place is no occurrence
          and s.status <> 'cancelled' and not s.is_blocked
        order by s.id
    loop
        v_hold := ticketdb.hold_tickets(
            v_schedule_id, p_quantity, null, p_user_id, null, p_contact,
            case when v_id is null then p_idempotency_key end,
            case when v_id is null and p_idempotency_key is not null then v_request end,
            p_series_id => v_id
        );
        v_id := coalesce(v_id, v_hold.reservation_id);
    end loop;
    if v_id is null then
        perform ticketdb.raise_error(
            'schedule_not_found',
            format(
                'event %s has no occurrence from %s to %s', p_event_definition_id, p_start_date::date, p_end_date::date
            ),
            'generate_recurring_schedules makes them.',
            jsonb_build_object('event_definition_id', p_event_definition_id)
        );
    end if;

    update public.ticket_reservations as r
    set series_id = r.id
    where r.id = v_id;
    return v_id;
exception
    when unique_violation or sqlstate 'PT409' then
        -- this very order, sent twice at once; as in hold_tickets_once
        v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
        if v_id is null then
            raise;
        end if;
        return v_id;
end
$$;
revoke execute on function ticketdb.hold_series(int, timestamp, timestamp, int, int, text, jsonb) from public;
comment on function ticketdb.hold_series(int, timestamp, timestamp, int, int, text, jsonb) is
'Hold tickets of every occurrence of an event in a period; returns the number of the series';
