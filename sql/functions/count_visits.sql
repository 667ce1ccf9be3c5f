-- Keeps event_passes.visits_used: the one writer of it, so that a visit comes back whoever cancels its place. And keeps a place from
-- becoming a sale while its pass is not paid. Called by trigger for places of passes.
-- locks: event_passes (by whoever changes a place of a pass for a number of visits)
-- raises: amount_mismatch
create or replace function ticketdb.count_visits()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass_id constant bigint := coalesce(new.pass_id, old.pass_id);
    v_was constant boolean := old.pass_id is not null and old.status in ('held', 'confirmed');
    v_is constant boolean := new.pass_id is not null and new.status in ('held', 'confirmed');
begin
    -- what the import wrote is counted with the pass
    if tg_op = 'UPDATE' and (new.origin <> 'pass' or new.status = old.status and old.pass_id is not null) then
        return null;
    end if;
    if new.status = 'confirmed' and old.status is distinct from 'confirmed' and exists (
        select from public.event_passes as e where e.id = v_pass_id and e.status <> 'active'
    ) then
        perform ticketdb.raise_error(
            'amount_mismatch', format('reservation %s is a place of pass %s, which is not paid', new.id, v_pass_id),
            'Pay the pass as a whole: call confirm_pass.',
            jsonb_build_object('pass_id', v_pass_id, 'reservation_id', new.id)
        );
    end if;
    if coalesce(v_is, false) <> coalesce(v_was, false) then
        update public.event_passes as e
        set visits_used = e.visits_used + case when v_is then 1 else -1 end
        where e.id = v_pass_id and e.kind = 'visits';
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.count_visits() from public;
comment on function ticketdb.count_visits() is 'Trigger: a place of a pass is a visit of it';
