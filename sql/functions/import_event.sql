-- The face of ticketdb.save_event, and of save_event_as_admin for a signed-in admin.
-- locks, raises: as these
create or replace function public.import_event(
    p_event jsonb,
    out result text,
    out event_definition_id int,
    out event_code text,
    out title text,
    out uid text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_saved record;
begin
    if ticketdb.may_sell() then
        v_saved := ticketdb.save_event(p_event);
    else
        v_saved := ticketdb.save_event_as_admin(p_event);
    end if;
    result := v_saved.result;
    event_definition_id := v_saved.event_definition_id;
    event_code := v_saved.event_code;
    title := v_saved.title;
    uid := v_saved.uid;
end
$$;
revoke execute on function public.import_event(jsonb) from public;
comment on function public.import_event(jsonb) is
'Import an event

Makes an event of one of a calendar (a VEVENT of iCalendar), or brings up to date the one that has its UID; result says which: created,
updated or unchanged. A new event is a draft, not active, for it has no price yet. p_event: an object with uid, title, starts_at,
ends_at or seconds (its length), and if there are any description, event_category (needed for a new event), event_type, timezone (IANA
name), calendar_timezone (for times without a zone), status, rules (texts of RRULE, one at most), exclusion_rules (refused), exdates
(moments), rdates (objects with starts_at and ends_at or seconds) and overrides (such objects with recurrence_id, the start that each is
instead of, and status). A moment is 2031-03-01T07:00:00 in the event''s zone, an instant with Z or an offset, or a date. For admins and the
payment server. Errors: not_allowed, invalid_argument, invalid_recurrence.';
