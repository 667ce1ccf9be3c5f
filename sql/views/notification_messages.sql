-- What a sender needs to know of each message, read when it is sent: to whom, of which occurrence, and what of it is true by now.
-- Venues, spaces and users are the application's: what not every application has of them is read by its name. Read by
-- lease_notifications and claim_notifications.
create or replace view ticketdb.notification_messages as
select
    n.id as notification_id,
    n.lease_id,
    n.kind,
    n.attempts,
    n.created_at,
    n.details,
    n.reservation_id,
    r.reservation_code,
    r.status as reservation_status,
    r.quantity,
    coalesce(r.total_amount, e.price) as total_amount,
    p.refund_due,
    coalesce(r.expires_at, e.expires_at) as expires_at,
    coalesce(nullif(c.contact ->> 'name', ''), nullif(concat_ws(' ', u.first_name, u.last_name), '')) as contact_name,
    coalesce(nullif(c.contact ->> 'mobile', ''), nullif(to_jsonb(u) ->> 'mobile', '')) as contact_mobile,
    coalesce(nullif(c.contact ->> 'email', ''), case when u.username like '%@%' then u.username::text end) as contact_email,
    r.schedule_id,
    d.event_code::text as event_code,
    d.title::text as event_title,
    s.status::text as schedule_status,
    s.starts_at,
    s.ends_at,
    s.start_datetime,
    s.end_datetime,
    d.timezone,
    to_jsonb(v) ->> 'name' as venue_name,
    to_jsonb(sp) ->> 'name' as space_name,
    t.name::text as ticket_type,
    ticketdb.valid_ticket_codes(r.id) as ticket_codes,
    -- it would tell what is no longer so
    case n.kind
        when 'ticket_confirmation' then coalesce(r.status <> 'confirmed', e.status <> 'active')
        when 'schedule_reminder' then
            r.status <> 'confirmed' or s.status <> 'scheduled' or s.starts_at <= clock_timestamp()
            -- moved since: it is reminded of again
            or s.starts_at <> (n.details ->> 'starts_at')::timestamptz
        when 'waitlist_offer' then r.status <> 'held' or r.expires_at <= clock_timestamp()
        when 'refund_due' then p.refund_due = 0
        when 'pass_renewal' then e.status <> 'held' or e.expires_at <= clock_timestamp()
        else false
    end as is_overtaken,
    n.pass_id,
    e.pass_code,
    e.status as pass_status,
    e.starts_on as pass_starts_on,
    e.ends_on as pass_ends_on
from public.ticket_notifications as n
left join public.ticket_reservations as r on r.id = n.reservation_id
left join public.event_schedules as s on s.id = r.schedule_id
left join public.event_passes as e on e.id = n.pass_id
inner join public.event_definitions as d on d.id = coalesce(s.event_definition_id, e.event_definition_id)
left join public.ticket_types as t on t.id = r.ticket_type_id
left join public.users as u on u.id = coalesce(r.user_id, e.user_id)
left join public.spaces as sp on sp.id = coalesce(s.space_id, d.space_id)
left join public.venues as v on v.id = d.venue_id
cross join lateral (select coalesce(r.contact, e.contact) as contact) as c
cross join lateral (
    select coalesce(sum(tp.refund_due), 0) as refund_due
    from public.ticket_payments as tp
    where tp.reservation_id = r.id or tp.pass_id = e.id
) as p;
revoke all on ticketdb.notification_messages from public;
comment on view ticketdb.notification_messages is 'Messages of the outbox with all that a sender needs';
comment on column ticketdb.notification_messages.notification_id is 'Identity';
comment on column ticketdb.notification_messages.lease_id is 'Claim under way, with which complete_notification is called';
comment on column ticketdb.notification_messages.kind is 'What is told';
comment on column ticketdb.notification_messages.attempts is 'How often it was claimed, this time included';
comment on column ticketdb.notification_messages.created_at is 'When it happened';
comment on column ticketdb.notification_messages.details is 'What the message says besides';
comment on column ticketdb.notification_messages.reservation_id is
'Reservation whose buyer is told; null, with all that is of one occurrence, for a pass as a whole';
comment on column ticketdb.notification_messages.reservation_code is 'Its code for people';
comment on column ticketdb.notification_messages.reservation_status is 'Its status now';
comment on column ticketdb.notification_messages.quantity is 'Its number of tickets';
comment on column ticketdb.notification_messages.total_amount is 'Its price, or that of the pass';
comment on column ticketdb.notification_messages.refund_due is 'What its buyer has to get back, of all payments';
comment on column ticketdb.notification_messages.expires_at is 'When it lapses, if it is held';
comment on column ticketdb.notification_messages.contact_name is 'Buyer''s name: as given with the order, else the user''s';
comment on column ticketdb.notification_messages.contact_mobile is 'Buyer''s mobile number, likewise';
comment on column ticketdb.notification_messages.contact_email is 'Buyer''s e-mail address, likewise; a user name counts if it is one';
comment on column ticketdb.notification_messages.schedule_id is 'Occurrence';
comment on column ticketdb.notification_messages.event_code is 'Code of the event';
comment on column ticketdb.notification_messages.event_title is 'Title of the event';
comment on column ticketdb.notification_messages.schedule_status is 'Status of the occurrence';
comment on column ticketdb.notification_messages.starts_at is 'Instant of the start';
comment on column ticketdb.notification_messages.ends_at is 'Instant of the end';
comment on column ticketdb.notification_messages.start_datetime is 'Local start';
comment on column ticketdb.notification_messages.end_datetime is 'Local end';
comment on column ticketdb.notification_messages.timezone is 'Zone of the local times';
comment on column ticketdb.notification_messages.venue_name is 'Name of the venue';
comment on column ticketdb.notification_messages.space_name is 'Name of the space';
comment on column ticketdb.notification_messages.ticket_type is 'Name of the ticket type; null for general admission';
comment on column ticketdb.notification_messages.ticket_codes is 'Codes of the valid tickets';
comment on column ticketdb.notification_messages.is_overtaken is 'Whether it would tell what is no longer so';
comment on column ticketdb.notification_messages.pass_id is 'Pass whose buyer is told, where it is about a pass as a whole';
comment on column ticketdb.notification_messages.pass_code is 'Its code';
comment on column ticketdb.notification_messages.pass_status is 'Its status now';
comment on column ticketdb.notification_messages.pass_starts_on is 'First date on which it is good';
comment on column ticketdb.notification_messages.pass_ends_on is 'Last date on which it is good';
