-- The face of claiming messages, for whoever sends them.
-- locks, raises: as lease_notifications
create or replace function public.claim_notifications(p_limit int default 10, p_lease interval default '60 seconds')
returns table (
    notification_id bigint,
    lease_id uuid,
    kind text,
    attempts int,
    created_at timestamptz,
    details jsonb,
    reservation_id bigint,
    reservation_code text,
    reservation_status text,
    quantity int,
    total_amount numeric,
    refund_due numeric,
    expires_at timestamptz,
    contact_name text,
    contact_mobile text,
    contact_email text,
    schedule_id int,
    event_code text,
    event_title text,
    schedule_status text,
    starts_at timestamptz,
    ends_at timestamptz,
    start_datetime timestamp,
    end_datetime timestamp,
    timezone text,
    venue_name text,
    space_name text,
    ticket_type text,
    ticket_codes uuid[],
    pass_id bigint,
    pass_code uuid,
    pass_status text,
    pass_starts_on date,
    pass_ends_on date
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant bigint[] := ticketdb.lease_notifications(p_limit, p_lease);
begin
    return query
    select
        m.notification_id, m.lease_id, m.kind, m.attempts, m.created_at, m.details, m.reservation_id,
        m.reservation_code, m.reservation_status, m.quantity, m.total_amount, m.refund_due, m.expires_at,
        m.contact_name, m.contact_mobile, m.contact_email, m.schedule_id, m.event_code, m.event_title,
        m.schedule_status, m.starts_at, m.ends_at, m.start_datetime, m.end_datetime, m.timezone, m.venue_name,
        m.space_name, m.ticket_type, m.ticket_codes, m.pass_id, m.pass_code, m.pass_status, m.pass_starts_on,
        m.pass_ends_on
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
