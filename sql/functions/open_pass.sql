-- Makes a pass that is to be paid: a monthly one with a place on every occurrence of its period, or not at all. Occurrences that the
-- event's recurrence has there are generated first. Called by hold_pass and renew_pass.
-- locks: event_schedules (new rows), then as hold_series; event_passes (new row)
-- raises: not_on_sale, and what hold_series raises
create or replace function ticketdb.open_pass(
    p_pass_type_id int,
    p_starts_on date,
    p_user_id int,
    p_contact jsonb,
    p_renews boolean,
    p_expires_at timestamptz,
    p_renewed_from bigint default null,
    p_idempotency_key text default null,
    p_request jsonb default null
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type record;
    v_ends_on date;
    v_series_id bigint;
    v_visits int;
    v_id bigint;
begin
    select
        t.event_definition_id, t.kind, t.visits, t.valid_for, t.price, t.is_active and d.is_active as is_on_sale,
        d.recurrence_type <> 'none' as recurs
    into v_type
    from public.pass_types as t
    inner join public.event_definitions as d on d.id = t.event_definition_id
    where t.id = p_pass_type_id;
    if not v_type.is_on_sale then
        perform ticketdb.raise_error(
            'not_on_sale', format('pass type %s is not on sale', p_pass_type_id), 'pass_types lists what is sold.',
            jsonb_build_object('pass_type_id', p_pass_type_id)
        );
    end if;
    v_ends_on := (p_starts_on + v_type.valid_for)::date - 1;

    if v_type.kind = 'monthly' then
        if v_type.recurs then
            perform public.generate_recurring_schedules(v_type.event_definition_id, p_starts_on, v_ends_on);
        end if;
        v_series_id := ticketdb.hold_series(
            v_type.event_definition_id, p_starts_on, v_ends_on, 1, p_user_id, null, p_contact
        );
        select count(*)::int into v_visits
        from public.ticket_reservations as r
        where r.series_id = v_series_id;
    else
        v_visits := v_type.visits;
    end if;
    insert into public.event_passes as e (
        event_definition_id, pass_type_id, user_id, contact, kind, starts_on, ends_on, visits, price, expires_at, origin,
        renews, renewed_from, idempotency_key, request
    )
    values (
        v_type.event_definition_id, p_pass_type_id, p_user_id, p_contact, v_type.kind, p_starts_on, v_ends_on, v_visits,
        v_type.price, p_expires_at, case when p_renewed_from is null then 'api' else 'renewal' end,
        p_renews, p_renewed_from, p_idempotency_key, p_request
    )
    returning e.id into v_id;
    -- the pass is what is paid for
    update public.ticket_reservations as r
    set pass_id = v_id, origin = 'pass', unit_price = 0, total_amount = 0, expires_at = p_expires_at
    where r.series_id = v_series_id;
    return v_id;
end
$$;
revoke execute on function ticketdb.open_pass(int, date, int, jsonb, boolean, timestamptz, bigint, text, jsonb) from public;
comment on function ticketdb.open_pass(int, date, int, jsonb, boolean, timestamptz, bigint, text, jsonb) is
'Make a pass that is to be paid, with its places';
