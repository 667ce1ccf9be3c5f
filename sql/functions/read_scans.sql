-- The rows of a batch of scans, one for each element, whatever it is; problem says why one cannot be a scan. A code that is no uuid
-- is of somebody else's ticket: ticket_code stays null. Called by scan_tickets.
-- locks: none
-- raises: nothing
create or replace function ticketdb.read_scans(p_scans jsonb)
returns setof ticketdb.offline_scan
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scan jsonb;
    v_row ticketdb.offline_scan;
    v_line int := 0;
    v_field text;
begin
    for v_scan in select s.scan from jsonb_array_elements(p_scans) as s (scan) loop
        v_line := v_line + 1;
        v_row := null;
        v_row.line := v_line;
        v_row.sent_code := v_scan ->> 'ticket_code';
        if jsonb_typeof(v_scan) <> 'object' then
            v_row.problem := 'not an object';
        elsif v_row.sent_code is null or v_scan ->> 'scan_id' is null or v_scan ->> 'scanned_at' is null then
            v_row.problem := 'ticket_code, scan_id and scanned_at are all needed';
        elsif v_scan ->> 'scanned_at' !~ '^[12]\d{3}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$' then
            v_row.problem := 'scanned_at is not a date and a time with their offset from UTC';
        else
            begin
                v_field := 'scan_id';
                v_row.scan_id := (v_scan ->> 'scan_id')::uuid;
                v_field := 'scanned_at';
                v_row.scanned_at := (v_scan ->> 'scanned_at')::timestamptz;
                v_field := 'schedule_id';
                v_row.schedule_id := (v_scan ->> 'schedule_id')::int;
                v_row.gate := v_scan ->> 'gate';
                v_field := 'ticket_code';
                v_row.ticket_code := v_row.sent_code::uuid;
            exception
                when data_exception then
                    if v_field <> 'ticket_code' then
                        v_row.problem := format('%s %L cannot be read', v_field, v_scan ->> v_field);
                    end if;
            end;
        end if;
        return next v_row;
    end loop;
end
$$;
revoke execute on function ticketdb.read_scans(jsonb) from public;
comment on function ticketdb.read_scans(jsonb) is 'The rows of a batch of scans, those that cannot be read with their problem';
