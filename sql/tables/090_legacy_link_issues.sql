-- What link_legacy_data could not link, or linked with a doubt.

create table public.legacy_link_issues (
    id bigint generated always as identity constraint legacy_link_issues_pkey primary key,
    source_table text not null,
    source_id bigint not null,
    problem text not null,
    detail jsonb not null default '{}',
    noted_at timestamptz not null default current_timestamp,

    constraint one_issue_per_source unique (source_table, source_id, problem)
);
alter table public.legacy_link_issues enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy staff on public.legacy_link_issues for select using ((select ticketdb.is_staff()));

comment on table public.legacy_link_issues is
'Legacy link issues

Rows of the application that link_legacy_data could not link, or linked with a doubt.';
comment on column public.legacy_link_issues.id is 'Identity';
comment on column public.legacy_link_issues.source_table is 'Application''s table';
comment on column public.legacy_link_issues.source_id is 'Id of the row in it';
comment on column public.legacy_link_issues.problem is
'no_note, unreadable_note, unreadable_times, unreadable_quantity, no_matching_show, no_matching_class, ambiguous_show, ambiguous_class,
orphan_participant, oversold or sold_mismatch';
comment on column public.legacy_link_issues.detail is 'Values that show the problem';
comment on column public.legacy_link_issues.noted_at is 'When it was first noted';
