-- Who changed what. Written by trigger log_change alone, never changed (refuse_rewrite). No foreign key: what happened to a row stays
-- on record when the row, or the user, is gone.

create table public.ticket_audit_log (
    id bigint generated always as identity constraint ticket_audit_log_pkey primary key,
    logged_at timestamptz not null default clock_timestamp(),
    role_name text not null,
    user_id int,
    claims jsonb,
    table_name text not null,
    row_key text not null,
    operation text not null,
    before jsonb,
    after jsonb,

    constraint audit_operation_known check (operation in ('insert', 'update', 'delete')),
    -- what was not there before has no before, what is gone no after
    constraint audit_says_what_changed check (
        (before is null) = (operation = 'insert') and (after is null) = (operation = 'delete')
    )
) with (
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
create index ticket_audit_log_row on public.ticket_audit_log (table_name, row_key, id);
alter table public.ticket_audit_log enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy staff on public.ticket_audit_log for select using ((select ticketdb.is_staff()));

comment on table public.ticket_audit_log is
'Ticket audit log

One row for each change of an event, an occurrence, a ticket type, a sale or a refund: who, when, what it was and what it
became. Rows are added, never changed. Contact data of buyers is not copied.';
comment on column public.ticket_audit_log.id is 'Identity; ascending in the order of the changes of a row';
comment on column public.ticket_audit_log.logged_at is 'When it was changed';
comment on column public.ticket_audit_log.role_name is 'Database role that changed it';
comment on column public.ticket_audit_log.user_id is 'User that the token stood for; null where it stood for none';
comment on column public.ticket_audit_log.claims is
'Claims of the token that say who it was: sub, role, email, user_id, session_id, app_metadata; null on a direct connection';
comment on column public.ticket_audit_log.table_name is 'Table';
comment on column public.ticket_audit_log.row_key is 'Key of the row: its id';
comment on column public.ticket_audit_log.operation is 'insert, update or delete';
comment on column public.ticket_audit_log.before is
'Row as it was; of an update only the columns that changed; null for an insert';
comment on column public.ticket_audit_log.after is
'Row as it became; of an update only the columns that changed; null for a delete';
