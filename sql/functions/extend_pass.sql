-- The face of ticketdb.prolong_pass.
-- locks, raises: as prolong_pass
create or replace function public.extend_pass(
    p_pass_id bigint,
    p_ends_on date,
    out pass_id bigint,
    out ends_on date,
    out places_released int,
    out places_added int,
    out full_schedules int[]
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    select c.places_released, c.places_added, c.full_schedules into places_released, places_added, full_schedules
    from ticketdb.prolong_pass(p_pass_id, p_ends_on) as c;
    select r.pass_id, r.ends_on into pass_id, ends_on
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.extend_pass(bigint, date) from public;
comment on function public.extend_pass(bigint, date) is
'Extend a pass

The pass is good until p_ends_on, at no cost. A monthly one takes places on the days it gains where there is room; full_schedules
are those where there was none. The same date again changes nothing. p_pass_id: from buy_pass; p_ends_on: not before its end, nor
a year after it. One whose next period has been made is not extended. Errors: invalid_argument, pass_not_found, pass_not_valid.';
