-- Messages as their sender gets them, in order. Called by claim_notifications with those that it has just leased.
-- locks: none
-- raises: nothing
create or replace function ticketdb.read_notifications(p_ids bigint[])
returns setof public.claimed_notification
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        m.notification_id, m.lease_id, m.kind, m.attempts, m.created_at, m.details, m.reservation_id,
        m.reservation_code, m.reservation_status, m.quantity, m.total_amount, m.refund_due, m.expires_at,
        m.contact_name, m.contact_mobile, m.contact_email, m.schedule_id, m.event_code, m.event_title,
        m.schedule_status, m.starts_at, m.ends_at, m.start_datetime, m.end_datetime, m.timezone, m.venue_name,
        m.space_name, m.ticket_type, m.ticket_codes, m.pass_id, m.pass_code, m.pass_status, m.pass_starts_on,
        m.pass_ends_on
    from ticketdb.notification_messages as m
    where m.notification_id = any (p_ids)
    order by m.notification_id;
end
$$;
revoke execute on function ticketdb.read_notifications(bigint[]) from public;
comment on function ticketdb.read_notifications(bigint[]) is 'Messages of these ids, as their sender gets them';
