-- What the faces of passes answer. Here, so that the list of columns stands once; in the schema of the faces, so that who makes types
-- for his program of these finds it.
create type public.pass_receipt_row as (
    pass_id bigint,
    pass_code uuid,
    event_definition_id int,
    kind text,
    starts_on date,
    ends_on date,
    visits int,
    visits_left int,
    price numeric,
    status text,
    expires_at timestamptz,
    renews boolean,
    refund_due numeric
);
comment on type public.pass_receipt_row is 'A pass as its buyer gets to see it';
