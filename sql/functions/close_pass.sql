-- Cancels a pass. One that is not paid is released. Of a paid one the coming places go back on sale, and what was not used is due
-- back: of what was paid and is not due back already, the share of visits (or occurrences of its period) that have not begun with
-- a place of it, rounded half up to the paisa. The inside of cancel_pass; a repeat answers like the first call.
-- locks: as lock_pass, ticket_reservations, then for each occurrence as cancel_sale; ticket_payments
-- raises: pass_not_found
create or replace function ticketdb.close_pass(p_pass_id bigint, p_reason text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_payments bigint[];
    v_due numeric[];
    v_kept numeric[];
    v_used int;
    v_back numeric;
begin
    if v_pass.status not in ('held', 'active') then
        return;
    end if;
    perform ticketdb.lock_pass_places(p_pass_id);
    select
        coalesce(array_agg(p.payment_id), '{}'), array_agg(p.refund_due), array_agg(p.kept)
    into v_payments, v_due, v_kept
    from (select q.* from ticketdb.pass_payments(p_pass_id) as q order by q.payment_id) as p;
    -- what has begun is used
    select count(*)::int into v_used
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.pass_id = p_pass_id and r.status = 'confirmed' and s.starts_at <= now();

    perform ticketdb.cancel_sale(p.id, p_reason)
    from (
        select r.id
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        where r.pass_id = p_pass_id and r.status = 'confirmed' and s.starts_at > now()
        order by r.schedule_id
    ) as p;
    update public.ticket_reservations as r
    set status = 'released', closed_at = clock_timestamp()
    where r.pass_id = p_pass_id and r.status = 'held';
    update public.event_passes as e
    set status = case when v_pass.status = 'held' then 'released' else 'cancelled' end,
        closed_at = clock_timestamp(),
        close_reason = p_reason,
        renews = false
    where e.id = p_pass_id;

    -- an extension may have had it used more often than it was sold for
    v_back := round(
        (select coalesce(sum(k.amount), 0) from unnest(v_kept) as k (amount))
        * greatest(v_pass.visits - v_used, 0) / v_pass.visits, 2
    );
    for v_n in 1 .. cardinality(v_payments) loop
        update public.ticket_payments as p
        set refund_due = v_due[v_n] + least(v_kept[v_n], v_back)
        where p.id = v_payments[v_n];
        v_back := v_back - least(v_kept[v_n], v_back);
    end loop;
end
$$;
revoke execute on function ticketdb.close_pass(bigint, text) from public;
comment on function ticketdb.close_pass(bigint, text) is 'Cancel a pass, and note what is due back for what was not used';
