-- The face of claiming messages, for whoever sends them.
-- locks, raises: as lease_notifications
create or replace function public.claim_notifications(p_limit int default 10, p_lease interval default '60 seconds')
returns setof public.claimed_notification
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant bigint[] := ticketdb.lease_notifications(p_limit, p_lease);
begin
    return query
    select m.*
    from ticketdb.read_notifications(v_ids) as m;
end
$$;
revoke execute on function public.claim_notifications(int, interval) from public;
comment on function public.claim_notifications(int, interval) is
'Claim notifications

Hands out up to p_limit messages that are due (10 by default, at most 1000), with what is known of each at this moment. For the time
of p_lease (a minute by default) nobody else gets them; send each, then call complete_notification with its lease_id. One that is not
completed by then is handed out again. What is no longer true, such as the reminder of a cancelled reservation, is passed over.
Errors: invalid_argument.';
