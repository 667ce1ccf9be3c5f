-- What the faces of the waiting list answer; as pass_receipt_row.
create type public.waitlist_receipt_row as (
    entry_id bigint,
    schedule_id int,
    quantity int,
    status text,
    "position" int,
    reservation_id bigint,
    expires_at timestamptz
);
comment on type public.waitlist_receipt_row is 'A place in the waiting list as who has it gets to see it';
