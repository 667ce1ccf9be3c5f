-- Refuses a list of participants that does not fit its reservation. Called before a payment is recorded.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.check_participants(p_participants jsonb, p_quantity int)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_named bigint;
begin
    if p_participants is null or p_participants = 'null' then
        return;
    end if;
    if jsonb_typeof(p_participants) <> 'array'
        or exists (
            select from jsonb_array_elements(p_participants) as p (person)
            where jsonb_typeof(p.person) <> 'object'
               or coalesce(p.person ->> 'quantity', '1') !~ '^[1-9][0-9]{0,4}$'
        )
    then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_participants is not a list of people',
            'Pass a JSON array such as [{"name": "Asha Rao", "mobile": "+91…", "quantity": 1}].'
        );
    end if;
    select sum(coalesce(p.person ->> 'quantity', '1')::int) into v_named
    from jsonb_array_elements(p_participants) as p (person);
    if v_named > p_quantity then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s participants for a reservation of %s tickets', v_named, p_quantity),
            'Name as many people as there are tickets, or fewer.',
            jsonb_build_object('participants', v_named, 'quantity', p_quantity)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_participants(jsonb, int) from public;
comment on function ticketdb.check_participants(jsonb, int) is
'Refuse a list of participants that does not fit its reservation';
