-- Refuses to cut a day into slots where that makes no sense. Called by get_available_time_slots in the caller's name, who need not see
-- the application's spaces.
-- locks: none
-- raises: invalid_argument, space_not_found
create or replace function ticketdb.check_slot_arguments(
    p_space_id int,
    p_date date,
    p_slot_minutes int,
    p_opens time,
    p_closes time
)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_space_id is null or p_date is null or p_slot_minutes is null or p_opens is null or p_closes is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'space, date, length of a slot, opening and closing time are all needed, one is null',
            'Leave out what has a default, or pass a value.'
        );
    end if;
    if p_date not between date '1900-01-01' and date '9998-12-31' then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s is not a day of this calendar', p_date), 'Pass a date from 1900 to 9998.',
            jsonb_build_object('date', p_date)
        );
    end if;
    if p_slot_minutes not between 5 and 1440 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a slot of %s minutes', p_slot_minutes), 'Pass 5 to 1440 minutes.',
            jsonb_build_object('slot_minutes', p_slot_minutes)
        );
    end if;
    if p_closes <= p_opens then
        perform ticketdb.raise_error(
            'invalid_argument', format('closing at %s is not after opening at %s', p_closes, p_opens),
            'Pass a later p_closes; 24:00 is midnight.', jsonb_build_object('opens', p_opens, 'closes', p_closes)
        );
    end if;
    if not exists (select from public.spaces as s where s.id = p_space_id) then
        perform ticketdb.raise_error(
            'space_not_found', format('space %s does not exist', p_space_id), 'Use the id of a row of spaces.',
            jsonb_build_object('space_id', p_space_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_slot_arguments(int, date, int, time, time) from public;
comment on function ticketdb.check_slot_arguments(int, date, int, time, time) is 'Refuse slots that make no sense';
