-- Says whether a pass gets its next period by itself. The inside of set_pass_renewal.
-- locks: as lock_pass
-- raises: pass_not_found, pass_not_valid, invalid_argument
create or replace function ticketdb.change_renewal(p_pass_id bigint, p_renews boolean)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
begin
    if p_renews is null or p_renews and exists (
        select from public.event_passes as e where e.id = p_pass_id and e.pass_type_id is null
    ) then
        perform ticketdb.raise_error(
            'invalid_argument', format('pass %s cannot renew so', p_pass_id),
            'Pass true or false; an imported pass has no type to renew as: sell a new one with buy_pass.',
            jsonb_build_object('pass_id', p_pass_id)
        );
    end if;
    if p_renews and v_pass.status not in ('held', 'active') then
        perform ticketdb.refuse_pass_use(p_pass_id, v_pass.status);
    end if;
    update public.event_passes as e
    set renews = p_renews, renewal_problem = null
    where e.id = p_pass_id and (e.renews <> p_renews or e.renewal_problem is not null);
end
$$;
revoke execute on function ticketdb.change_renewal(bigint, boolean) from public;
comment on function ticketdb.change_renewal(bigint, boolean) is 'Say whether a pass renews';
