-- A scan of a batch as it was read: what read_scans makes of each element, and scan_tickets keeps for as long as it needs it.
create type ticketdb.offline_scan as (
    line int,
    sent_code text,
    ticket_code uuid,
    schedule_id int,
    gate text,
    scan_id uuid,
    scanned_at timestamptz,
    problem text
);
comment on type ticketdb.offline_scan is 'Scan of a batch; problem says why it cannot be one';
