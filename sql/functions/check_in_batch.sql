-- The face of ticketdb.scan_tickets.
-- locks, raises: as scan_tickets
create or replace function public.check_in_batch(p_scans jsonb)
returns setof public.scan_answer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select s.* from ticketdb.scan_tickets(p_scans) as s;
end
$$;
revoke execute on function public.check_in_batch(jsonb) from public;
comment on function public.check_in_batch(jsonb) is
'Check in a batch

Does the scans of a scanner that was offline, and answers each in a row, in the order given. p_scans: array of at most 1000 objects
with ticket_code, scan_id (the scanner''s own uuid for the scan) and scanned_at (with its offset from UTC), and if there is one schedule_id and
gate. line counts from 1; result is as check_in has it, or invalid where the row cannot be read: problem says why. conflict: the
scanner may have let in somebody whom it should not have, for the ticket was used at another gate, or by a later scan that came
here before, or became void after it was scanned. scan_count and first_scanned_at are as of now. Sent again, it does nothing and answers
the same. Errors: invalid_argument.';
