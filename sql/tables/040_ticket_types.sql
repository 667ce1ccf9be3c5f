-- Kinds of ticket of one event, each with its price and, if wanted, its own limit per occurrence.

create table public.ticket_types (
    id serial constraint ticket_types_pkey primary key,
    event_definition_id int not null
        constraint ticket_type_definition references public.event_definitions (id) on delete cascade,
    name varchar(100) not null,
    description text,
    price numeric(10,2) not null,
    max_quantity int,
    is_active boolean not null default true,
    sort_order int not null default 0,
    created_at timestamptz not null default current_timestamp,
    sales_open_before interval,
    sales_open_at timestamptz,
    sales_close_before interval,
    sales_close_at timestamptz,

    constraint ticket_type_name_unique unique (event_definition_id, name),
    constraint ticket_type_price_not_negative check (price >= 0 and price < 'NaN'),
    constraint ticket_type_quantity_not_negative check (max_quantity >= 0),
    -- a sale opens at one moment and closes at one
    constraint ticket_type_sale_opens_once check (sales_open_before is null or sales_open_at is null),
    constraint ticket_type_sale_closes_once check (sales_close_before is null or sales_close_at is null),
    -- what no calendar holds would hide every other event
    constraint ticket_type_sale_within_ten_years check (
        sales_open_before between interval '-10 years' and interval '10 years'
        and sales_close_before between interval '-10 years' and interval '10 years'
    )
);
alter table public.ticket_types enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy public_or_staff on public.ticket_types for select
using (
    (select ticketdb.is_staff())
    or event_definition_id in (select d.id from public.event_definitions as d where d.is_active)
);
create policy staff_insert on public.ticket_types for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.ticket_types for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.ticket_types for delete using ((select ticketdb.is_staff()));

comment on table public.ticket_types is
'Ticket types

Kinds of ticket of an event, such as Standard, VIP or Early Bird.';
comment on column public.ticket_types.id is 'Identity';
comment on column public.ticket_types.event_definition_id is 'Event it belongs to';
comment on column public.ticket_types.name is 'Name shown to buyers, unique within the event';
comment on column public.ticket_types.description is 'Text shown to buyers';
comment on column public.ticket_types.price is 'Price of one ticket in the venue''s currency';
comment on column public.ticket_types.max_quantity is
'How many of each occurrence''s tickets may be of this type; null means no limit of its own';
comment on column public.ticket_types.is_active is 'Inactive types are not sold';
comment on column public.ticket_types.sort_order is 'Position in lists, ascending';
comment on column public.ticket_types.created_at is 'When the row was made';
comment on column public.ticket_types.sales_open_before is
'Sale opens so long before the start; null, with sales_open_at null too, means always open';
comment on column public.ticket_types.sales_open_at is 'Sale opens at this instant, instead';
comment on column public.ticket_types.sales_close_before is
'Sale closes so long before the start, negative for after it; null, with sales_close_at null too, means until the occurrence ends';
comment on column public.ticket_types.sales_close_at is 'Sale closes at this instant, instead';
