-- Changes one occurrence as edit_schedules was told, or says why it stays. What the tables refuse, such as a capacity below what is
-- sold, is a reason like any other. Called for one occurrence after the other, in ascending id.
-- locks: ticketdb.seat_buckets and event_schedules (by the caller)
-- raises: nothing
create or replace function ticketdb.change_occurrence(
    p_schedule_id int,
    p_changes jsonb,
    p_include_sold boolean,
    p_include_changed boolean,
    out action text,
    out reason text,
    out before jsonb,
    out after jsonb
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_detail text;
begin
    before := ticketdb.describe_occurrence(p_schedule_id, p_changes);
    reason := ticketdb.keep_reason(p_schedule_id, p_include_sold, p_include_changed);
    after := before;
    if reason is null then
        begin
            update public.event_schedules as s
            set start_time = coalesce(c.start_time, s.start_time),
                -- as long as it was, unless the caller says otherwise
                end_time = coalesce(c.end_time, coalesce(c.start_time, s.start_time) + (s.end_time - s.start_time)),
                extra_days = coalesce(c.extra_days, s.extra_days),
                ticket_price = coalesce(c.ticket_price, s.ticket_price),
                max_tickets = coalesce(c.max_tickets, s.max_tickets),
                space_id = coalesce(c.space_id, s.space_id)
            from ticketdb.check_schedule_changes(p_changes) as c
            where s.id = p_schedule_id;
            after := ticketdb.describe_occurrence(p_schedule_id, p_changes);
            reason := case when after = before then 'as_wanted' end;
        exception
            when unique_violation then
                reason := 'slot_conflict';
            when lock_not_available then
                -- its seats are just being sold
                reason := 'held';
            when sqlstate 'PT409' then
                get stacked diagnostics v_detail = pg_exception_detail;
                reason := v_detail::jsonb ->> 'reason';
        end;
    end if;
    action := case when reason is null then 'change' else 'keep' end;
end
$$;
revoke execute on function ticketdb.change_occurrence(int, jsonb, boolean, boolean) from public;
comment on function ticketdb.change_occurrence(int, jsonb, boolean, boolean) is
'Change one occurrence, or say why it stays

p_changes: see check_schedule_changes; p_include_sold, p_include_changed: see keep_reason.';
