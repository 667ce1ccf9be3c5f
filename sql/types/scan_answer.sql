-- What check_in_batch answers of each scan; as pass_receipt_row.
create type public.scan_answer as (
    line int,
    scan_id uuid,
    ticket_code text,
    result text,
    ticket_id bigint,
    name text,
    quantity int,
    scan_count int,
    first_scanned_at timestamptz,
    conflict boolean,
    problem text
);
comment on type public.scan_answer is 'What became of a scan of a batch';
