-- The people of a reservation: those that were named, then one row without a name for the tickets that are left. The amount is
-- divided by tickets; what rounding leaves over stands with the first. Called by
-- add_participants.
-- locks: none
-- raises: nothing
create or replace function ticketdb.named_participants(
    p_participants jsonb,
    p_quantity int,
    p_amount numeric,
    out name text,
    out mobile text,
    out quantity int,
    out amount numeric
)
returns setof record
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    if p_participants is null then
        quantity := p_quantity;
        amount := p_amount;
        return next;
        return;
    end if;
    return query
    with named as (
        select
            p.position, p.person ->> 'name' as name, p.person ->> 'mobile' as mobile,
            coalesce(p.person ->> 'quantity', '1')::int as quantity
        from jsonb_array_elements(
            case when jsonb_typeof(p_participants) = 'array' then p_participants else '[]' end
        ) with ordinality as p (person, "position")
    ),
    rest as (
        select count(*) + 1 as position, p_quantity - coalesce(sum(n.quantity), 0)::int as quantity
        from named as n
    ),
    everybody as (
        select n.position, n.name, n.mobile, n.quantity from named as n
        union all
        select r.position, null, null, r.quantity from rest as r where r.quantity > 0
    ),
    shares as (
        select e.*, trunc(p_amount * e.quantity / p_quantity, 2) as share
        from everybody as e
    )
    select
        s.name, s.mobile, s.quantity,
        s.share + case when s.position = 1 then p_amount - sum(s.share) over () else 0 end
    from shares as s
    order by s.position;
end
$$;
revoke execute on function ticketdb.named_participants(jsonb, int, numeric) from public;
comment on function ticketdb.named_participants(jsonb, int, numeric) is 'The people of a reservation, one row each';
