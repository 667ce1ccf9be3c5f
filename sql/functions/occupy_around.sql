-- Enters one occupation where somebody is in the way, or may come to be at any moment. Who is in the way because the same statement is
-- just moving him is moved first. What is left of an overlap is refused, but for time that p_had names or where p_keep says so; then
-- it holds the rest. Called by occupy_spaces.
-- locks: as occupy_spaces
-- raises: slot_conflict
create or replace function ticketdb.occupy_around(
    p_source text,
    p_source_id bigint,
    p_space_id int,
    p_starts_at timestamptz,
    p_ends_at timestamptz,
    p_had tstzmultirange,
    p_keep boolean
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_space constant int8range := int8range(p_space_id, p_space_id, '[]');
    v_wanted constant tstzmultirange := tstzmultirange(tstzrange(p_starts_at, p_ends_at));
    v_had tstzmultirange := coalesce(p_had, '{}');
    v_taken tstzmultirange;
    v_schedules int[];
    v_bookings bigint[];
begin
    for v_attempt in 1 .. 100 loop
        -- where overlaps are kept, his own turn comes
        select
            array_agg(o.source_id::int) filter (where o.source = 'schedule'),
            array_agg(o.source_id) filter (where o.source = 'booking')
        into v_schedules, v_bookings
        from ticketdb.space_occupations as o
        where not p_keep
          and int8range(o.space_id, o.space_id, '[]') && v_space
          and o.holds && v_wanted
          -- looked up one by one: joined, the claims of everybody would be worked out
          and not exists (
              select from ticketdb.schedule_claims as c
              where o.source = 'schedule'
                and (c.schedule_id, c.space_id, c.starts_at, c.ends_at) = (o.source_id, o.space_id, o.starts_at, o.ends_at)
              offset 0
          )
          and not exists (
              select from ticketdb.booking_claims as c
              where o.source = 'booking'
                and (c.booking_id, c.space_id, c.starts_at, c.ends_at) = (o.source_id, o.space_id, o.starts_at, o.ends_at)
              offset 0
          );
        if v_schedules is not null or v_bookings is not null then
            select coalesce(range_agg(o.holds), '{}') into v_taken
            from ticketdb.space_occupations as o
            where int8range(o.space_id, o.space_id, '[]') && v_space and o.holds && v_wanted;
            perform ticketdb.occupy_spaces(coalesce(v_schedules, '{}'), coalesce(v_bookings, '{}'));
            -- what they have taken now is new to them, even where it was his a moment ago
            select v_had - (coalesce(range_agg(o.holds), '{}') - v_taken) into v_had
            from ticketdb.space_occupations as o
            where int8range(o.space_id, o.space_id, '[]') && v_space and o.holds && v_wanted;
        end if;

        select coalesce(range_agg(o.holds), '{}') * v_wanted into v_taken
        from ticketdb.space_occupations as o
        where int8range(o.space_id, o.space_id, '[]') && v_space and o.holds && v_wanted;
        if not p_keep and not isempty(v_taken - v_had) then
            perform ticketdb.refuse_slot(p_space_id, v_taken - v_had);
        end if;
        begin
            insert into ticketdb.space_occupations (source, source_id, space_id, starts_at, ends_at, holds)
            values (
                p_source, p_source_id, p_space_id, p_starts_at, p_ends_at, v_wanted - v_taken
            );
            return;
        exception
            -- somebody was faster, and is seen now
            when exclusion_violation then null;
        end;
        exit when current_setting('transaction_isolation') <> 'read committed';
    end loop;
    -- he is not seen in a snapshot from before
    perform ticketdb.refuse_slot(p_space_id, v_wanted);
end
$$;
revoke execute on function ticketdb.occupy_around(text, bigint, int, timestamptz, timestamptz, tstzmultirange, boolean) from public;
comment on function ticketdb.occupy_around(text, bigint, int, timestamptz, timestamptz, tstzmultirange, boolean) is
'Enter one occupation beside those that are there

p_had: time it had already, null for none; p_keep: keep an overlap rather than refuse it.';
