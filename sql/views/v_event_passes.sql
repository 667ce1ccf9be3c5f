-- Passes with what they are good for now: who may see a pass is said by the policy of event_passes.
create or replace view public.v_event_passes
with (security_invoker = true)
as
select
    e.id as pass_id,
    e.pass_code,
    e.event_definition_id,
    d.title as event_title,
    e.pass_type_id,
    t.name as pass_type,
    e.user_id,
    e.contact,
    e.kind,
    e.starts_on,
    e.ends_on,
    e.visits,
    e.visits_used,
    ticketdb.pass_visits_left(e.id) as visits_left,
    e.price,
    case
        when e.status = 'held' and e.expires_at <= now() then 'lapsed'
        when e.status <> 'active' then e.status
        when l.today > e.ends_on then 'ended'
        when exists (
            select
            from public.pass_pauses as p
            where p.pass_id = e.id and l.today between p.paused_from and p.paused_until
        ) then 'paused'
        else 'active'
    end as state,
    e.expires_at,
    e.renews,
    e.renewed_from,
    e.renewal_problem,
    e.created_at,
    e.confirmed_at,
    e.closed_at,
    e.close_reason
from public.event_passes as e
inner join public.event_definitions as d on d.id = e.event_definition_id
left join public.pass_types as t on t.id = e.pass_type_id
cross join lateral (select (now() at time zone d.timezone)::date as today) as l;
revoke all on public.v_event_passes from public;
comment on view public.v_event_passes is
'Passes and their state

Each pass with what it is good for now. Staff see all, a signed-in buyer his own.';
comment on column public.v_event_passes.pass_id is 'Pass';
comment on column public.v_event_passes.pass_code is 'Unguessable code that the pass carries';
comment on column public.v_event_passes.event_definition_id is 'Event it is for';
comment on column public.v_event_passes.event_title is 'Title of the event';
comment on column public.v_event_passes.pass_type_id is 'Type it was sold as; null for an imported one';
comment on column public.v_event_passes.pass_type is 'Name of the type, as far as it is public';
comment on column public.v_event_passes.user_id is 'Buyer, where known';
comment on column public.v_event_passes.contact is 'Buyer''s contact data: name, mobile, email';
comment on column public.v_event_passes.kind is 'monthly or visits';
comment on column public.v_event_passes.starts_on is 'First local date on which it is good';
comment on column public.v_event_passes.ends_on is 'Last local date on which it is good';
comment on column public.v_event_passes.visits is 'What was sold: the number of visits, or of occurrences in the period';
comment on column public.v_event_passes.visits_used is 'Visits that have a place; 0 for a monthly pass';
comment on column public.v_event_passes.visits_left is 'Visits without a place yet, or places of a monthly pass that are to come';
comment on column public.v_event_passes.price is 'What is to be paid for it';
comment on column public.v_event_passes.state is
'held, lapsed (not paid in time), active, paused (today), ended, refund_due (paid, but its places were gone), released or cancelled';
comment on column public.v_event_passes.expires_at is 'When the hold lapses unless paid';
comment on column public.v_event_passes.renews is 'Whether the next period is made before this one ends';
comment on column public.v_event_passes.renewed_from is 'Pass whose next period it is';
comment on column public.v_event_passes.renewal_problem is 'Why the next period could not be made';
comment on column public.v_event_passes.created_at is 'When it was made';
comment on column public.v_event_passes.confirmed_at is 'When it was paid';
comment on column public.v_event_passes.closed_at is 'When it was released or cancelled';
comment on column public.v_event_passes.close_reason is 'Why it was cancelled, as the caller said it';
