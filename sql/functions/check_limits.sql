-- Refuses an order that is bigger than one order, or one user's orders together, may be. The user stays locked until his
-- order is written, so that two of his orders at once are counted one after the other. Called wherever seats are taken for an order.
-- locks: users, where a limit per user stands
-- raises: invalid_quantity, limit_per_user
create or replace function ticketdb.check_limits(
    p_schedule_id int,
    p_quantity int,
    p_user_id int,
    p_max_per_order int,
    p_limit_per_user int,
    p_but bigint default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_has int;
begin
    if p_quantity > p_max_per_order then
        perform ticketdb.raise_error(
            'invalid_quantity',
            format('%s tickets are more than the %s of one order', p_quantity, p_max_per_order),
            'Ask for fewer tickets.',
            jsonb_build_object('requested', p_quantity, 'max_per_order', p_max_per_order)
        );
    end if;
    if p_limit_per_user is null or p_user_id is null then
        return;
    end if;
    perform from public.users as u where u.id = p_user_id for no key update;
    select coalesce(sum(r.quantity), 0)::int into v_has
    from public.ticket_reservations as r
    where r.user_id = p_user_id and r.schedule_id = p_schedule_id and r.id is distinct from p_but
      and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp());
    if v_has + p_quantity > p_limit_per_user then
        perform ticketdb.raise_error(
            'limit_per_user',
            format(
                'user %s has %s tickets of schedule %s and cannot have %s more: the limit is %s',
                p_user_id, v_has, p_schedule_id, p_quantity, p_limit_per_user
            ),
            'Ask for fewer tickets, or release a hold.',
            jsonb_build_object(
                'requested', p_quantity, 'has', v_has, 'limit_per_user', p_limit_per_user,
                'available', greatest(p_limit_per_user - v_has, 0)
            )
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_limits(int, int, int, int, int, bigint) from public;
comment on function ticketdb.check_limits(int, int, int, int, int, bigint) is
'Refuse an order above a limit

p_max_per_order, p_limit_per_user: null means no limit; a guest has no limit of his own. p_but: a reservation that does not
count, for it is the one that changes.';
