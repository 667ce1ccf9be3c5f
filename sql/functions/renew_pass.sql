-- Makes the next period of a pass, to be paid before it begins. Where it cannot be had, the pass says why and renews no more. True if
-- it was made. Called by renew_passes with seats of other passes in hand, so it waits for nobody for long: what is locked is
-- left to the next round.
-- locks: event_passes (by the caller), then as open_pass, each for a fifth of a second at most
-- raises: nothing about seats
create or replace function ticketdb.renew_pass(p_pass_id bigint)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
    v_pass record;
    v_starts_on date;
    v_next bigint;
begin
    select e.pass_type_id, e.event_definition_id, e.user_id, e.contact, e.ends_on, d.timezone into v_pass
    from public.event_passes as e
    inner join public.event_definitions as d on d.id = e.event_definition_id
    where e.id = p_pass_id;
    v_starts_on := ticketdb.pass_start(v_pass.event_definition_id, v_pass.ends_on + 1);
    v_next := ticketdb.open_pass(
        v_pass.pass_type_id, v_starts_on, v_pass.user_id, v_pass.contact, true,
        -- a round that came late still leaves a day to pay
        greatest(
            ticketdb.local_instant(v_starts_on::timestamp, v_pass.timezone), clock_timestamp() + interval '1 day'
        ),
        p_pass_id
    );
    perform ticketdb.tell_pass_holder('pass_renewal', v_next);
    return true;
exception
    when lock_not_available or deadlock_detected or unique_violation then
        return false;
    when sqlstate 'PT400' or sqlstate 'PT404' or sqlstate 'PT409' then
        update public.event_passes as e
        set renews = false, renewal_problem = sqlerrm
        where e.id = p_pass_id;
        return false;
end
$$;
revoke execute on function ticketdb.renew_pass(bigint) from public;
comment on function ticketdb.renew_pass(bigint) is 'Make the next period of a pass; false where that cannot be now';
