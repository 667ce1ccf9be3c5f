-- What passes of an event are sold: for a period, with a place on each of its occurrences, or for a number of visits.

create table public.pass_types (
    id serial constraint pass_types_pkey primary key,
    event_definition_id int not null
        constraint pass_type_definition references public.event_definitions (id) on delete cascade,
    name varchar(100) not null,
    description text,
    kind text not null,
    visits int,
    valid_for interval not null default '1 month',
    price numeric(10,2) not null,
    renew_before_days int not null default 7,
    is_active boolean not null default true,
    sort_order int not null default 0,
    created_at timestamptz not null default current_timestamp,

    constraint pass_type_name_unique unique (event_definition_id, name),
    constraint pass_type_kind_known check (kind in ('monthly', 'visits')),
    -- a monthly pass is good for whatever takes place in its period
    constraint pass_type_visits_counted check (
        case kind when 'visits' then visits is not null and visits between 1 and 10000 else visits is null end
    ),
    -- whole days; what is longer than a year is no pass any more
    constraint pass_type_period_of_days check (
        valid_for between interval '1 day' and interval '366 days'
        and valid_for = date_trunc('day', valid_for)
    ),
    constraint pass_type_price_not_negative check (price >= 0 and price < 'NaN'),
    constraint pass_type_renewal_within_a_month check (renew_before_days between 0 and 28)
);
alter table public.pass_types enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy public_or_staff on public.pass_types for select
using (
    (select ticketdb.is_staff())
    or is_active and event_definition_id in (select d.id from public.event_definitions as d where d.is_active)
);
create policy staff_insert on public.pass_types for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.pass_types for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.pass_types for delete using ((select ticketdb.is_staff()));

comment on table public.pass_types is
'Pass types

Passes that are sold for an event: monthly ones, with a place on every occurrence of a period, and ones for a number of visits.';
comment on column public.pass_types.id is 'Identity';
comment on column public.pass_types.event_definition_id is 'Event it is for';
comment on column public.pass_types.name is 'Name shown to buyers, unique within the event';
comment on column public.pass_types.description is 'Text shown to buyers';
comment on column public.pass_types.kind is 'monthly (a place on every occurrence of the period) or visits (a number of visits in it)';
comment on column public.pass_types.visits is 'Number of visits; null for a monthly pass';
comment on column public.pass_types.valid_for is 'Length of the period, in whole days or months: 1 month, 30 days';
comment on column public.pass_types.price is 'Price of one period in the venue''s currency';
comment on column public.pass_types.renew_before_days is 'How many days before its end a renewing pass gets its next period';
comment on column public.pass_types.is_active is 'Inactive types are neither sold nor renewed';
comment on column public.pass_types.sort_order is 'Position in lists, ascending';
comment on column public.pass_types.created_at is 'When the row was made';
