-- Refuses arguments of a reservation that mean nothing. Called by hold_tickets and check_ticket_availability.
-- locks: none
-- raises: invalid_quantity, invalid_argument
create or replace function ticketdb.check_reservation_arguments(
    p_schedule_id int,
    p_quantity int,
    p_user_id int default null,
    p_hold_for interval default null,
    p_contact jsonb default null
)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_schedule_id is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_schedule_id is null', 'Pass the id of a row of event_schedules.'
        );
    end if;
    -- the same bounds as constraint reservation_quantity_in_range
    if p_quantity is null or p_quantity not between 1 and 10000 then
        perform ticketdb.raise_error(
            'invalid_quantity', format('quantity %s is not between 1 and 10000', coalesce(p_quantity::text, 'null')),
            'Ask for at least one ticket.', jsonb_build_object('requested', p_quantity)
        );
    end if;
    if p_hold_for <= interval '0' or p_hold_for > interval '30 days' then
        perform ticketdb.raise_error(
            'invalid_argument', format('tickets cannot be held for %s', p_hold_for),
            'Hold them for more than no time and for 30 days at most.', jsonb_build_object('hold_for', p_hold_for)
        );
    end if;
    if jsonb_typeof(p_contact) <> 'object' then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_contact is a JSON %s', jsonb_typeof(p_contact)),
            'Pass an object such as {"name": "Asha Rao", "mobile": "+91…"}.'
        );
    end if;
    -- in two steps, for one expression with a query in it is planned anew for each guest
    if p_user_id is not null then
        if not exists (select from public.users as u where u.id = p_user_id) then
            perform ticketdb.raise_error(
                'invalid_argument', format('user %s does not exist', p_user_id),
                'Pass the id of a row of users, or null for a guest.', jsonb_build_object('user_id', p_user_id)
            );
        end if;
    end if;
    return true;
end
$$;
revoke execute on function ticketdb.check_reservation_arguments(int, int, int, interval, jsonb) from public;
comment on function ticketdb.check_reservation_arguments(int, int, int, interval, jsonb) is
'Refuse arguments of a reservation that mean nothing; true otherwise';
