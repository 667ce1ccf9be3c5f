-- What can be bought: the seed's columns in the seed's order, then ours. "Today" is today where the event takes place.
create or replace view public.v_event_availability
with (security_invoker = true)
as
select
    ed.id as event_definition_id,
    ed.event_code,
    ed.title,
    ed.event_category,
    ed.event_type,
    ed.banner_image_url,
    ed.default_ticket_price,
    es.id as schedule_id,
    es.schedule_date,
    es.start_time,
    es.end_time,
    es.start_datetime,
    es.end_datetime,
    es.max_tickets,
    es.tickets_sold,
    case when sale.refusal is null then sale.seats_left else 0 end as tickets_available,
    coalesce(es.ticket_price, ed.default_ticket_price) as effective_price,
    es.status,
    coalesce(es.space_id, ed.space_id) as space_id,
    ed.venue_id,
    sale.seats_held as tickets_held,
    es.starts_at,
    es.ends_at,
    ed.timezone,
    es.is_blocked,
    sale.opens_at as sales_open_at,
    sale.closes_at as sales_close_at,
    sale.max_per_order,
    sale.limit_per_user,
    es.extra_days
from public.event_definitions as ed
inner join public.event_schedules as es on es.event_definition_id = ed.id
inner join ticketdb.schedule_sales as sale on sale.schedule_id = es.id
where ed.is_active
  and es.status = 'scheduled'
  -- what lasts for days is listed on all of them
  and (
      es.schedule_date + es.extra_days >= (now() at time zone ed.timezone)::date
      or es.extra_days > 0 and es.ends_at > now()
  )
  -- says nothing new, but lets an index on the date leave out the past before the event's zone is known,
  and (es.schedule_date >= (now() at time zone 'UTC')::date - 1 or es.extra_days > 0)
  -- and one on event and date all but a year of it: nothing lasts for longer (extra_days_within_a_year)
  and es.schedule_date >= (now() at time zone ed.timezone)::date - 368;
revoke all on public.v_event_availability from public;
comment on view public.v_event_availability is
'Event availability

Occurrences of active events from today on, with the tickets that can be bought now.';
comment on column public.v_event_availability.event_definition_id is 'Event';
comment on column public.v_event_availability.event_code is 'Code of the event';
comment on column public.v_event_availability.title is 'Title of the event';
comment on column public.v_event_availability.event_category is 'Category of the event';
comment on column public.v_event_availability.event_type is 'Type of the event';
comment on column public.v_event_availability.banner_image_url is 'URL of a wide picture';
comment on column public.v_event_availability.default_ticket_price is 'Price of one ticket of the event';
comment on column public.v_event_availability.schedule_id is 'Occurrence';
comment on column public.v_event_availability.schedule_date is 'Local date on which it starts';
comment on column public.v_event_availability.start_time is 'Local start time';
comment on column public.v_event_availability.end_time is 'Local end time';
comment on column public.v_event_availability.start_datetime is 'Local start';
comment on column public.v_event_availability.end_datetime is 'Local end';
comment on column public.v_event_availability.max_tickets is 'Capacity in tickets';
comment on column public.v_event_availability.tickets_sold is 'Confirmed tickets';
comment on column public.v_event_availability.tickets_available is
'Tickets that can be bought now: neither sold nor held, 0 while the slot is blocked or over or the sale not open';
comment on column public.v_event_availability.effective_price is 'Price of one ticket of this occurrence';
comment on column public.v_event_availability.status is 'Always scheduled';
comment on column public.v_event_availability.space_id is 'Space it takes place in';
comment on column public.v_event_availability.venue_id is 'Venue it takes place at';
comment on column public.v_event_availability.tickets_held is 'Tickets in live holds; a lapsed hold does not count';
comment on column public.v_event_availability.starts_at is 'Instant of the start';
comment on column public.v_event_availability.ends_at is 'Instant of the end';
comment on column public.v_event_availability.timezone is 'IANA name of the zone of the local times';
comment on column public.v_event_availability.is_blocked is 'The slot is taken and nothing is sold';
comment on column public.v_event_availability.sales_open_at is 'When the sale opens; null means it always was open';
comment on column public.v_event_availability.sales_close_at is 'When the sale closes; null means when the occurrence ends';
comment on column public.v_event_availability.max_per_order is 'Most tickets in one order; null means no limit';
comment on column public.v_event_availability.limit_per_user is 'Most tickets of one user on this occurrence; null means no limit';
comment on column public.v_event_availability.extra_days is 'Full days that it lasts beyond what end_time says';
