-- Reads what is to become of occurrences, and refuses what it does not know. Called by edit_schedules.
-- locks: none
-- raises: invalid_argument, space_not_found
create or replace function ticketdb.check_schedule_changes(
    p_changes jsonb,
    out start_time time,
    out end_time time,
    out ticket_price numeric,
    out max_tickets int,
    out space_id int,
    out extra_days int
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_key text;
    v_value text;
begin
    if jsonb_typeof(p_changes) is distinct from 'object' or p_changes = '{}' then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_changes says nothing',
            'Pass an object such as {"start_time": "08:00", "ticket_price": 150}.'
        );
    end if;
    for v_key, v_value in
        select c.key, c.value
        from jsonb_each_text(p_changes) as c
    loop
        begin
            case v_key
                when 'start_time' then start_time := v_value::time;
                when 'end_time' then end_time := v_value::time;
                when 'ticket_price' then ticket_price := v_value::numeric(10, 2);
                when 'max_tickets' then max_tickets := v_value::int;
                when 'space_id' then space_id := v_value::int;
                when 'extra_days' then extra_days := v_value::int;
            end case;
        exception
            when case_not_found then
                perform ticketdb.raise_error(
                    'invalid_argument', format('%L cannot be changed', v_key),
                    'p_changes takes start_time, end_time, extra_days, ticket_price, max_tickets and space_id.',
                    jsonb_build_object('key', v_key)
                );
            when data_exception then
                v_value := null;
        end;
        if v_value is null or start_time = time '24:00' or ticket_price < 0 or ticket_price = 'NaN' or max_tickets < 0 or extra_days not between 0 and 366 then
            perform ticketdb.raise_error(
                'invalid_argument', format('%s is no value of %s', p_changes -> v_key, v_key),
                'Times are HH:MM, prices and numbers of tickets not negative, extra_days 0 to 366, space_id is of a row of spaces; '
                'leave out what stays.',
                jsonb_build_object('key', v_key, 'value', p_changes -> v_key)
            );
        end if;
    end loop;
    perform ticketdb.refuse_unknown_space(space_id);
end
$$;
revoke execute on function ticketdb.check_schedule_changes(jsonb) from public;
comment on function ticketdb.check_schedule_changes(jsonb) is
'Read what is to become of occurrences

p_changes: an object with some of start_time, end_time, extra_days, ticket_price, max_tickets, space_id.';
