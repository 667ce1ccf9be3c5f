-- Notes what is doubtful about the announcements themselves, and strikes out what has been linked since it was noted. A claim is
-- compared only with what this run imported: notes do not follow what is sold or cancelled later. The last step of
-- link_legacy_data; the other steps note their own issues.
-- locks: legacy_link_issues
-- raises: nothing
create or replace function ticketdb.link_issues(p_after_issue bigint, p_after_schedule int, p_after_reservation bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_noted bigint;
begin
    insert into public.legacy_link_issues (source_table, source_id, problem, detail)
    select 'bookings', a.booking_id, p.problem, p.detail
    from ticketdb.legacy_announcements() as a
    inner join public.bookings as b on b.id = a.booking_id
    left join (
        -- sales of ours are not in the application's note
        select r.schedule_id, sum(r.quantity) as sold, max(r.id) as latest
        from public.ticket_reservations as r
        where r.status = 'confirmed' and r.origin <> 'api'
        group by r.schedule_id
    ) as n on n.schedule_id = b.event_schedule_id
    cross join lateral (
        values
            (a.note_problem, jsonb_build_object('note', b.customer_note)),
            (
                case when a.has_odd_times then 'unreadable_times' end,
                jsonb_build_object('start_datetime', b.start_datetime, 'end_datetime', b.end_datetime)
            ),
            (
                case
                    when not a.is_class and a.claimed <> coalesce(n.sold, 0)
                        and (b.event_schedule_id > p_after_schedule or n.latest > p_after_reservation)
                        then 'sold_mismatch'
                end,
                jsonb_build_object('claimed', a.claimed, 'sold', coalesce(n.sold, 0))
            )
    ) as p (problem, detail)
    where p.problem is not null
    order by a.booking_id, p.problem
    on conflict on constraint one_issue_per_source do nothing;

    delete from public.legacy_link_issues as i
    where (
        i.source_table = 'bookings'
        and i.problem in ('no_matching_show', 'no_matching_class', 'ambiguous_class', 'unreadable_quantity')
        and exists (
            select from public.bookings as b where b.id = i.source_id and b.event_schedule_id is not null
        )
    )
    or (
        i.source_table = 'program_participants'
        and exists (
            select from public.program_participants as pp
            where pp.id = i.source_id and pp.event_schedule_id is not null
        )
    );
    select count(*) into v_noted from public.legacy_link_issues as i where i.id > p_after_issue;
    perform ticketdb.legacy_progress('issues', v_noted, v_noted);
    return v_noted;
end
$$;
revoke execute on function ticketdb.link_issues(bigint, int, bigint) from public;
comment on function ticketdb.link_issues(bigint, int, bigint) is
'Note what is doubtful about shows and classes; returns the number of issues with ids above p_after_issue

p_after_schedule, p_after_reservation: rows with ids above them were made by this run.';
