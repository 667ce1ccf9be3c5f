-- Hands out messages that are due, the longest due first, each to one claimer at a time: what another has locked or leased is passed
-- over, and comes again when its lease has run out. What is no longer true is skipped; what was claimed too often without an answer
-- is given up. The inside of claim_notifications, which reads the messages; returns their ids.
-- locks: ticket_notifications (passing over locked ones)
-- raises: invalid_argument
create or replace function ticketdb.lease_notifications(p_limit int, p_lease interval)
returns bigint[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now timestamptz;
    v_ids bigint[];
    v_leased bigint[] := array[]::bigint[];
begin
    perform ticketdb.require_read_committed();
    if p_limit is null or p_limit not between 1 and 1000 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a claim of %s messages', coalesce(p_limit::text, 'null')), 'Claim 1 to 1000.',
            jsonb_build_object('limit', p_limit)
        );
    end if;
    if p_lease is null or p_lease not between interval '1 second' and interval '1 day' then
        perform ticketdb.raise_error(
            'invalid_argument', format('a lease of %s', coalesce(p_lease::text, 'null')),
            'Pass the time that sending takes at most, from a second to a day.'
        );
    end if;

    loop
        v_now := clock_timestamp();
        v_ids := array(
            select n.id
            from public.ticket_notifications as n
            where n.status = 'pending' and n.due_at <= v_now
            order by n.due_at
            limit p_limit
            for no key update skip locked
        );
        exit when cardinality(v_ids) = 0;
        update public.ticket_notifications as n
        set status = case when m.is_overtaken then 'skipped' else 'dead' end,
            last_error = case when m.is_overtaken then n.last_error else 'no answer before its lease ran out' end,
            lease_id = null, completed_at = v_now
        from ticketdb.notification_messages as m
        where n.id = any (v_ids) and m.notification_id = n.id
          and (m.is_overtaken or n.attempts >= ticketdb.most_attempts());
        with leased as (
            update public.ticket_notifications as n
            set lease_id = gen_random_uuid(), attempts = n.attempts + 1, due_at = v_now + p_lease
            where n.id = any (v_ids) and n.status = 'pending'
            returning n.id
        )
        select coalesce(array_agg(l.id), array[]::bigint[]) into v_leased
        from leased as l;
        exit when cardinality(v_leased) > 0;
    end loop;
    return v_leased;
end
$$;
revoke execute on function ticketdb.lease_notifications(int, interval) from public;
comment on function ticketdb.lease_notifications(int, interval) is
'Claim messages that are due; returns their ids

p_limit: at most so many; p_lease: until then nobody else gets them.';
