-- What the faces of a pass's places answer; as pass_receipt_row.
create type public.visit_receipt_row as (
    reservation_id bigint,
    reservation_code text,
    pass_id bigint,
    schedule_id int,
    status text,
    ticket_codes uuid[], -- noqa: LT01
    visits_left int
);
comment on type public.visit_receipt_row is 'A place of a pass as its holder gets to see it';
