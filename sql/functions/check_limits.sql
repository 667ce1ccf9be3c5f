-- Refuses an order that is bigger than one order, or one user's orders together, may be; what he waits for counts as well, so that
-- an offer needs no second look. The user stays locked until his order is written, so that two of his orders at once are counted
-- one after the other. Called wherever seats are taken for an order, and by enter_waitlist.
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
    v_waits_for int;
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
    -- in one snapshot, for what he waits for may just be offered
    select
        coalesce(sum(r.quantity), 0)::int,
        (
            select coalesce(sum(e.quantity), 0)::int
            from public.event_waitlist as e
            where e.user_id = p_user_id and e.schedule_id = p_schedule_id and e.status = 'waiting'
        )
    into v_has, v_waits_for
    from public.ticket_reservations as r
    where r.user_id = p_user_id and r.schedule_id = p_schedule_id and r.id is distinct from p_but
      and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp());
    v_has := v_has + v_waits_for;
    if v_has + p_quantity > p_limit_per_user then
        perform ticketdb.raise_error(
            'limit_per_user',
            format(
                'user %s has, or waits for, %s tickets of schedule %s and cannot have %s more: the limit is %s',
                p_user_id, v_has, p_schedule_id, p_quantity, p_limit_per_user
            ),
            'Ask for fewer tickets, release a hold, or leave the waiting list.',
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
