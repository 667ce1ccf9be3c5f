-- Holds tickets of every occurrence of an event in a period, or none. Seats are taken in ascending schedule id, so that two
-- series meet in the same order and never wait for each other in a circle; then all reservations are written in one statement. The
-- first of them carries the idempotency key and gives the series its number. The inside of reserve_series.
-- locks: users; then for each occurrence as find_bucket
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
    v_hold_for constant interval := ticketdb.default_hold();
    v_id bigint := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    v_sequence constant regclass := pg_get_serial_sequence('public.ticket_reservations', 'id');
    v_schedule_id int;
    v_taken record;
    v_schedules int[];
    v_prices numeric[];
    v_buckets int[];
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_period(p_event_definition_id, p_start_date, p_end_date);
    perform ticketdb.check_reservation_arguments(0, p_quantity, p_user_id, v_hold_for, p_contact);
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
        v_taken := ticketdb.take_offered_seats(v_schedule_id, null, p_quantity, p_user_id);
        v_schedules := v_schedules || v_schedule_id;
        v_prices := v_prices || v_taken.price;
        v_buckets := v_buckets || v_taken.bucket;
    end loop;
    if v_schedules is null then
        perform ticketdb.raise_error(
            'schedule_not_found',
            format(
                'event %s has no occurrence from %s to %s', p_event_definition_id, p_start_date::date, p_end_date::date
            ),
            'generate_recurring_schedules makes them.',
            jsonb_build_object('event_definition_id', p_event_definition_id)
        );
    end if;

    v_id := nextval(v_sequence);
    insert into public.ticket_reservations (
        id, series_id, schedule_id, user_id, quantity, unit_price, total_amount, expires_at, idempotency_key, request,
        contact, bucket
    )
    overriding system value
    select
        case when t.n = 1 then v_id else nextval(v_sequence) end, v_id, t.schedule_id, p_user_id, p_quantity, t.price,
        ticketdb.total_price(t.price, p_quantity), clock_timestamp() + v_hold_for, case when t.n = 1 then p_idempotency_key end,
        case when t.n = 1 and p_idempotency_key is not null then v_request end, p_contact, t.bucket
    from unnest(v_schedules, v_prices, v_buckets) with ordinality as t (schedule_id, price, bucket, n);
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
