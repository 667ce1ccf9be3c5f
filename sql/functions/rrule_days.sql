-- The days that a rule names between two dates, ascending: the one predicate over a calendar of days. The calendar is made month by
-- month, and days are numbers in it: so a day costs a few subtractions, and no date is taken apart. DTSTART says where periods are counted
-- from, and what the rule leaves open. Called by rrule_starts, whose settings it runs with.
-- locks: none
-- raises: nothing
create or replace function ticketdb.rrule_days(
    p_freq text,
    p_step int,
    p_week_start int,
    p_months int[],
    p_week_numbers int[],
    p_year_days int[],
    p_month_days int[],
    p_weekdays int[],
    p_nth_weekdays int[],
    p_start date,
    p_first date,
    p_last date
)
returns date[]
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a Monday; days are numbered from it, months from the year 0
    v_epoch constant date := date '0001-01-01';
    v_start constant int := p_start - v_epoch;
    v_month constant int := date_part('year', p_start)::int * 12 + date_part('month', p_start)::int - 1;
    v_first_month constant int := date_part('year', p_first)::int * 12 + date_part('month', p_first)::int - 1;
    v_last_month constant int := date_part('year', p_last)::int * 12 + date_part('month', p_last)::int - 1;
    v_first constant int := p_first - v_epoch;
    v_last constant int := p_last - v_epoch;
    -- INTERVAL counts days, weeks (from the beginning of one), months or years (from January); null where it leaves nothing out
    v_day_step constant int := case when p_freq in ('DAILY', 'WEEKLY') then nullif(p_step, 1) end;
    v_month_step constant int := case when p_freq in ('MONTHLY', 'YEARLY') then nullif(p_step, 1) end;
    v_unit constant int := case p_freq when 'WEEKLY' then 7 when 'YEARLY' then 12 else 1 end;
    v_origin constant int := case p_freq
        -- before every day that is looked at
        when 'WEEKLY' then (v_start - (v_start + 8 - p_week_start) % 7) % (7 * p_step)
        when 'DAILY' then v_start
        when 'MONTHLY' then v_month
        else v_month / 12 * 12
    end;
    -- ordinals of weekdays count within the month, else within the year
    v_nth_of_month constant boolean := p_freq = 'MONTHLY' or p_months is not null;
begin
    -- where the rule names no day, DTSTART does
    if p_freq <> 'DAILY' and coalesce(p_weekdays, p_nth_weekdays, p_month_days, p_year_days) is null then
        if p_freq = 'WEEKLY' or p_week_numbers is not null then
            p_weekdays := array[v_start % 7 + 1];
        else
            p_month_days := array[date_part('day', p_start)::int];
            if p_freq = 'YEARLY' then
                p_months := coalesce(p_months, array[v_month % 12 + 1]);
            end if;
        end if;
    end if;
    return array(
        select v_epoch + c.day
        from (
            select
                m.month_before, m.month_after, m.year_before, m.year_after,
                case when v_nth_of_month then m.month_before else m.year_before end as nth_before,
                case when v_nth_of_month then m.month_after else m.year_after end as nth_after,
                generate_series(greatest(m.month_before + 1, v_first), least(m.month_after - 1, v_last)) as day
            from (
                -- the days just outside of the month and of its year
                select
                    make_date(i.n / 12, i.n % 12 + 1, 1) - v_epoch - 1 as month_before,
                    make_date((i.n + 1) / 12, (i.n + 1) % 12 + 1, 1) - v_epoch as month_after,
                    make_date(i.n / 12, 1, 1) - v_epoch - 1 as year_before,
                    make_date(i.n / 12 + 1, 1, 1) - v_epoch as year_after
                from (select generate_series(v_first_month, v_last_month) as n) as i
                where (p_months is null or i.n % 12 + 1 = any (p_months))
                  and (v_month_step is null or (i.n - v_origin) / v_unit % v_month_step = 0)
                -- once for each month, not written out wherever a day needs it
                offset 0
            ) as m
        ) as c
        where (v_day_step is null or (c.day - v_origin) / v_unit % v_day_step = 0)
          and (
              p_year_days is null
              or c.day - c.year_before = any (p_year_days)
              or c.day - c.year_after = any (p_year_days)
          )
          and (
              p_month_days is null
              or c.day - c.month_before = any (p_month_days)
              or c.day - c.month_after = any (p_month_days)
          )
          and (
              (p_weekdays is null and p_nth_weekdays is null)
              or c.day % 7 + 1 = any (p_weekdays)
              or (
                  p_nth_weekdays is not null
                  and (
                      (c.day - c.nth_before + 6) / 7 * 8 + c.day % 7 + 1 = any (p_nth_weekdays)
                      or (c.day - c.nth_after - 6) / 7 * 8 + c.day % 7 + 1 = any (p_nth_weekdays)
                  )
              )
          )
          and (p_week_numbers is null or ticketdb.is_in_week(v_epoch + c.day, p_week_start, p_week_numbers))
    );
end
$$;
revoke execute on function ticketdb.rrule_days(
    text, int, int, int[], int[], int[], int[], int[], int[], date, date, date
) from public;
comment on function ticketdb.rrule_days(
    text, int, int, int[], int[], int[], int[], int[], int[], date, date, date
) is
'Days that a recurrence rule names

The parts as parse_rrule gives them; p_start: DTSTART''s date; p_first and p_last: both included.';
