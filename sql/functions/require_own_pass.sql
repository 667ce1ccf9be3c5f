-- Refuses a pass that is not the signed-in caller's, as if it did not exist. Called by the functions that act for a caller.
-- locks: none
-- raises: not_allowed, pass_not_found
create or replace function ticketdb.require_own_pass(p_pass_id bigint)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if not exists (select from public.event_passes as e where e.id = p_pass_id and e.user_id = v_user_id) then
        perform ticketdb.refuse_pass(p_pass_id);
    end if;
end
$$;
revoke execute on function ticketdb.require_own_pass(bigint) from public;
comment on function ticketdb.require_own_pass(bigint) is 'Refuse a pass that is not the caller''s';
