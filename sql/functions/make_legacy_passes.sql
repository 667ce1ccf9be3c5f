-- Makes a pass of each monthly participant with an id above p_after, up to p_to, who has places in a class that name none; what he paid
-- is its price. That his places name it is up to the caller: link_places, which is just making them, or link_passes.
-- locks: event_passes (new rows)
-- raises: nothing
create or replace function ticketdb.make_legacy_passes(p_after bigint, p_to bigint, p_sold_from bigint)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.event_passes (
        event_definition_id, user_id, participant_id, kind, starts_on, ends_on, visits, price, status, expires_at, origin,
        created_at, confirmed_at, closed_at
    )
    select
        n.event_definition_id, n.user_id, n.participant_id, 'monthly', n.starts_on, n.ends_on, n.places, n.price,
        case when n.is_active then 'active' else 'cancelled' end, n.booked_at, 'legacy', n.booked_at, n.booked_at,
        case when not n.is_active then n.closed_at end
    from (
        select
            r.participant_id, s.event_definition_id, max(r.user_id) as user_id,
            least(min(pp.start_date::date) filter (where isfinite(pp.start_date)), min(s.schedule_date)) as starts_on,
            greatest(max(pp.end_date::date) filter (where isfinite(pp.end_date)), max(s.schedule_date)) as ends_on,
            count(*) as places, sum(r.total_amount) as price,
            bool_or(r.status = 'confirmed' or r.id >= p_sold_from) as is_active,
            min(r.created_at) as booked_at, max(r.closed_at) as closed_at,
            row_number() over (partition by r.participant_id order by min(s.schedule_date)) as n
        from public.ticket_reservations as r
        inner join public.program_participants as pp on pp.id = r.participant_id
        inner join public.event_schedules as s on s.id = r.schedule_id
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where r.participant_id > p_after and r.participant_id <= p_to
          and r.pass_id is null
          and lower(btrim(pp.subscription_type)) = 'monthly'
          -- somebody entered for a show has a ticket, whatever his entry says
          and d.recurrence_type <> 'none'
        group by r.participant_id, s.event_definition_id
    ) as n
    -- a place that was moved to another event since belongs to that
    where n.n = 1
    order by n.participant_id
    on conflict do nothing;
end
$$;
revoke execute on function ticketdb.make_legacy_passes(bigint, bigint, bigint) from public;
comment on function ticketdb.make_legacy_passes(bigint, bigint, bigint) is
'Make passes of monthly participants

p_after, p_to: their ids; p_sold_from: reservations with this id and above are about to be sold, null for none.';
