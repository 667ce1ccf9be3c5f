-- Takes the seats of lapsed holds of one occurrence back, the oldest first and a bounded number at a time. Called by whoever
-- needs the seats, and by the sweep.
-- locks: as lock_buckets, then as expire_lapsed_holds
-- raises: nothing
create or replace function ticketdb.reclaim_lapsed_holds(p_schedule_id int, p_limit int default 100)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.expire_lapsed_holds(p_schedule_id, ticketdb.lock_buckets(p_schedule_id), p_limit);
end
$$;
revoke execute on function ticketdb.reclaim_lapsed_holds(int, int) from public;
comment on function ticketdb.reclaim_lapsed_holds(int, int) is
'Expire lapsed holds of an occurrence; returns how many

p_limit: at most so many.';
