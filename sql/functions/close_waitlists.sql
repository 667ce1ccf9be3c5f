-- Closes what is left of waiting lists whose sale is over: where the sale closed by the clock no statement told of it. Called by
-- maintain.
-- locks: event_waitlist (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.close_waitlists(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_closed int;
begin
    update public.event_waitlist as e
    set status = 'closed', closed_at = clock_timestamp()
    where e.id = any (array(
        select w.id
        from public.event_waitlist as w
        inner join ticketdb.schedule_offers as o on o.schedule_id = w.schedule_id
        where w.status = 'waiting'
          -- one that is not open yet, or of an inactive event, may open again
          and (o.refusal <> 'not_on_sale' or o.closes_at <= statement_timestamp())
        order by w.id
        limit p_limit
        for no key update of w skip locked
    ));
    get diagnostics v_closed = row_count;
    return v_closed;
end
$$;
revoke execute on function ticketdb.close_waitlists(int) from public;
comment on function ticketdb.close_waitlists(int) is
'Close waiting lists whose sale is over; returns how many places

p_limit: at most so many.';
