-- The face of ticketdb.suspend_pass.
-- locks, raises: as suspend_pass
create or replace function public.pause_pass(
    p_pass_id bigint,
    p_start_date date,
    p_end_date date,
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
    from ticketdb.suspend_pass(p_pass_id, p_start_date, p_end_date) as c;
    select r.pass_id, r.ends_on into pass_id, ends_on
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.pause_pass(bigint, date, date) from public;
comment on function public.pause_pass(bigint, date, date) is
'Pause a pass

From p_start_date to p_end_date, both included, the pass is not good: its places there go back on sale, and it ends as many days
later. A monthly pass takes places on the days it gains where there is room; full_schedules are those where there was none. The
same pause again changes nothing. Days that are over, or on which an occurrence has begun, cannot be paused, nor can a pass whose
next period has been made. p_pass_id: from buy_pass; p_start_date, p_end_date: local dates. Errors: invalid_argument,
pass_not_found, pass_not_valid.';
