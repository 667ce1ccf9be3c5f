-- Writes who comes into the application's program_participants, with their tickets: the people that were named, and the buyer
-- for the tickets without a name. Not for a booking of the application's: there it enters them itself, and must not find them doubled. The table
-- is the application's, with lengths, constraints and triggers of its own: names are cut to fit, and a person who fails is noted
-- on the reservation and undoes neither payment nor seats nor the others. Called after a payment.
-- locks: ticket_reservations (by the caller)
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.add_participants(p_reservation_id bigint, p_participants jsonb)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- made anew for each number of tickets, the plan of the insert would cost as much as the insert
set plan_cache_mode = force_generic_plan
as $$
declare
    v_sale record;
    v_occurrence record;
    v_name text;
    v_person record;
    v_path text;
begin
    -- row by row, as in seat_paid_reservation
    select
        r.user_id, r.booking_id, r.schedule_id, r.quantity, r.total_amount, r.contact ->> 'name' as name,
        coalesce(r.contact ->> 'mobile', r.contact ->> 'phone') as mobile
    into v_sale
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    if v_sale.booking_id is not null then
        return false;
    end if;
    select
        s.start_datetime, s.end_datetime, d.id as definition_id,
        -- the application's words: live, yoga, zumba
        case when d.event_category = 'live-show' then 'live' else left(d.event_type, 20) end as program_type,
        case when d.recurrence_type <> 'none' then 'daily' end as subscription_type
    into v_occurrence
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = v_sale.schedule_id;
    v_name := v_sale.name;
    if v_name is null and v_sale.user_id is not null then
        select nullif(concat_ws(' ', u.first_name, u.last_name), '') into v_name
        from public.users as u
        where u.id = v_sale.user_id;
    end if;

    v_path := set_config('search_path', ticketdb.application_search_path(), true);
    for v_person in
        select n.name, n.mobile, n.quantity, n.amount
        from ticketdb.named_participants(p_participants, v_sale.quantity, v_sale.total_amount) as n
    loop
        begin
            with participant as (
                insert into public.program_participants (
                    user_id, name, mobile, program_type, subscription_type, ticket_quantity,
                    start_date, end_date, amount_paid, event_schedule_id, event_definition_id
                )
                values (
                    v_sale.user_id,
                    ticketdb.participant_text('name', coalesce(v_person.name, v_name)),
                    ticketdb.participant_text('mobile', coalesce(v_person.mobile, v_sale.mobile)),
                    v_occurrence.program_type, v_occurrence.subscription_type, v_person.quantity,
                    v_occurrence.start_datetime, v_occurrence.end_datetime, v_person.amount, v_sale.schedule_id,
                    v_occurrence.definition_id
                )
                returning id
            )
            insert into public.event_tickets (reservation_id, participant_id)
            select p_reservation_id, p.id
            from participant as p
            cross join generate_series(1, v_person.quantity);
        exception
            when deadlock_detected or lock_not_available or serialization_failure then
                raise;
            when others then
                update public.ticket_reservations as r
                set participants_problem = concat_ws('; ', r.participants_problem, format('%s: %s', sqlstate, sqlerrm))
                where r.id = p_reservation_id;
        end;
    end loop;
    return true;
end
$$;
revoke execute on function ticketdb.add_participants(bigint, jsonb) from public;
comment on function ticketdb.add_participants(bigint, jsonb) is
'Write the participants of a paid reservation; false where they are the application''s business

p_participants: array of {"name", "mobile", "quantity"}; null means the buyer comes with all tickets.';
