-- The clock changes of a zone in a period, to the second, as PostgreSQL's own rules have them: days whose offsets differ are halved until
-- the instant is found. The first row is the offset with which the period begins. Called by ics_zone.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.zone_changes(
    p_timezone text,
    p_from timestamptz,
    p_to timestamptz,
    out changes_at timestamptz,
    out offset_before interval,
    out offset_after interval
)
returns setof record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_day timestamptz := date_trunc('second', p_from);
    v_low timestamptz;
    v_middle timestamptz;
begin
    changes_at := v_day;
    offset_after := ticketdb.zone_offset(v_day, p_timezone);
    offset_before := offset_after;
    return next;
    while v_day < p_to loop
        v_low := v_day;
        v_day := v_day + interval '24 hours';
        offset_before := offset_after;
        offset_after := ticketdb.zone_offset(v_day, p_timezone);
        if offset_after <> offset_before then
            changes_at := v_day;
            while changes_at - v_low > interval '1 second' loop
                v_middle := date_trunc('second', v_low + (changes_at - v_low) / 2);
                if ticketdb.zone_offset(v_middle, p_timezone) = offset_before then
                    v_low := v_middle;
                else
                    changes_at := v_middle;
                end if;
            end loop;
            return next;
        end if;
    end loop;
end
$$;
revoke execute on function ticketdb.zone_changes(text, timestamptz, timestamptz) from public;
comment on function ticketdb.zone_changes(text, timestamptz, timestamptz) is
'Clock changes of a zone in a period, after the offset with which it begins';
