-- The rows of a batch of scans, one for each element, whatever it is; problem says why one cannot be a scan. A code that is no uuid
-- is of somebody else's ticket: ticket_code stays null. Called by scan_tickets.
-- locks: none
-- raises: nothing
create or replace function ticketdb.read_scans(
    p_scans jsonb,
    out line int,
    out ticket_code uuid,
    out schedule_id int,
    out gate text,
    out scan_id uuid,
    out scanned_at timestamptz,
    out problem text
)
returns setof record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scan jsonb;
    v_field text;
begin
    line := 0;
    for v_scan in select s.scan from jsonb_array_elements(p_scans) as s (scan) loop
        line := line + 1;
        ticket_code := null;
        schedule_id := null;
        gate := null;
        scan_id := null;
        scanned_at := null;
        problem := null;
        if jsonb_typeof(v_scan) <> 'object' then
            problem := 'not an object';
        elsif v_scan ->> 'ticket_code' is null or v_scan ->> 'scan_id' is null or v_scan ->> 'scanned_at' is null then
            problem := 'ticket_code, scan_id and scanned_at are all needed';
        elsif v_scan ->> 'scanned_at' !~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$' then
            problem := 'scanned_at is not a date and a time with their offset from UTC';
        else
            begin
                v_field := 'scan_id';
                scan_id := (v_scan ->> 'scan_id')::uuid;
                v_field := 'scanned_at';
                scanned_at := (v_scan ->> 'scanned_at')::timestamptz;
                v_field := 'schedule_id';
                schedule_id := (v_scan ->> 'schedule_id')::int;
                gate := v_scan ->> 'gate';
                v_field := 'ticket_code';
                ticket_code := (v_scan ->> 'ticket_code')::uuid;
            exception
                when data_exception then
                    if v_field <> 'ticket_code' then
                        problem := format('%s %L cannot be read', v_field, v_scan ->> v_field);
                    end if;
            end;
        end if;
        return next;
    end loop;
end
$$;
revoke execute on function ticketdb.read_scans(jsonb) from public;
comment on function ticketdb.read_scans(jsonb) is 'The rows of a batch of scans, those that cannot be read with their problem';
