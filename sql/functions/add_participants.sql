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
    v_person record;
    v_path text;
begin
    select
        r.user_id, r.booking_id, r.quantity, r.total_amount,
        coalesce(r.contact ->> 'name', nullif(concat_ws(' ', u.first_name, u.last_name), '')) as name,
        coalesce(r.contact ->> 'mobile', r.contact ->> 'phone') as mobile,
        s.id as schedule_id, s.start_datetime, s.end_datetime, d.id as definition_id,
        -- the application's words: live, yoga, zumba
        case when d.event_category = 'live-show' then 'live' else left(d.event_type, 20) end as program_type,
        case when d.recurrence_type <> 'none' then 'daily' end as subscription_type
    into v_sale
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    inner join public.event_definitions as d on d.id = s.event_definition_id
    left join public.users as u on u.id = r.user_id
    where r.id = p_reservation_id;
    if v_sale.booking_id is not null then
        return false;
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
                    ticketdb.participant_text('name', coalesce(v_person.name, v_sale.name)),
                    ticketdb.participant_text('mobile', coalesce(v_person.mobile, v_sale.mobile)),
                    v_sale.program_type, v_sale.subscription_type, v_person.quantity,
                    v_sale.start_datetime, v_sale.end_datetime, v_person.amount, v_sale.schedule_id, v_sale.definition_id
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
