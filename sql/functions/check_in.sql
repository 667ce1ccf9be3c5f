-- The face of ticketdb.scan_ticket.
-- locks: as scan_ticket
-- raises: invalid_argument, idempotency_key_reused
create or replace function public.check_in(
    p_ticket_code uuid,
    p_schedule_id int default null,
    p_gate text default null,
    p_scan_id uuid default null,
    p_scanned_at timestamptz default null,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scan record;
begin
    v_scan := ticketdb.scan_ticket(p_ticket_code, p_schedule_id, p_gate, p_scan_id, coalesce(p_scanned_at, clock_timestamp()));
    if v_scan.result = 'scan_id_reused' then
        perform ticketdb.refuse_scan_id(p_scan_id);
    end if;
    result := v_scan.result;
    ticket_id := v_scan.ticket_id;
    name := v_scan.name;
    quantity := v_scan.quantity;
    scan_count := v_scan.scan_count;
    first_scanned_at := v_scan.first_scanned_at;
end
$$;
revoke execute on function public.check_in(uuid, int, text, uuid, timestamptz) from public;
comment on function public.check_in(uuid, int, text, uuid, timestamptz) is
'Check in

Lets the holder of a ticket in, once or as often as the event''s admission_policy says. result: admitted, already_used, void,
wrong_schedule (the ticket is not for p_schedule_id) or unknown; exited where the policy is in_and_out and the holder was inside.
name is the participant''s, quantity the number of people the ticket admits, scan_count how often it was scanned,
first_scanned_at when its holder was admitted first. The same p_scan_id twice is one scan and gets the
first answer. p_ticket_code: from event_tickets; p_gate: any name; p_scanned_at: when it was scanned, by default now. Errors: invalid_argument, idempotency_key_reused.';
