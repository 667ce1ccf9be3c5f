-- The days that a rule names between two dates, and for each the period (year, month, week or day) it is of, for BYSETPOS: the one
-- predicate over a calendar of days. The calendar is made month by month, for arithmetic with a month's first day is much cheaper
-- than taking each date apart. DTSTART says where periods are counted from, and what the rule leaves open.
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
returns table (day date, period int)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
-- one plan for all rules: making one takes longer than most expansions; and no compiler for it
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
    -- a Monday
    v_epoch constant date := date '2001-01-01';
    v_month constant int := date_part('year', p_start)::int * 12 + date_part('month', p_start)::int - 1;
    v_weekday constant int := date_part('isodow', p_start)::int;
    v_week constant int := p_start - v_epoch - (v_weekday - p_week_start + 7) % 7;
    v_first_month constant int := date_part('year', p_first)::int * 12 + date_part('month', p_first)::int - 1;
    v_last_month constant int := date_part('year', p_last)::int * 12 + date_part('month', p_last)::int - 1;
    -- INTERVAL, of what the rule counts; null for the others, and where it leaves nothing out
    v_year_step constant int := case p_freq when 'YEARLY' then nullif(p_step, 1) end;
    v_month_step constant int := case p_freq when 'MONTHLY' then nullif(p_step, 1) end;
    v_week_step constant int := case p_freq when 'WEEKLY' then nullif(p_step, 1) end;
    v_day_step constant int := case p_freq when 'DAILY' then nullif(p_step, 1) end;
    -- what DTSTART says where the rule names no day; null where it does
    v_is_open constant boolean := coalesce(p_weekdays, p_nth_weekdays, p_month_days, p_year_days) is null;
    v_open_weekday constant int := case when v_is_open and (p_freq = 'WEEKLY' or p_week_numbers is not null) then v_weekday end;
    v_open_month_day constant int := case when v_is_open and p_freq in ('MONTHLY', 'YEARLY') and p_week_numbers is null then
        date_part('day', p_start)::int
    end;
    v_open_month constant int := case when v_open_month_day is not null and p_freq = 'YEARLY' and p_months is null then v_month % 12 end;
    -- ordinals of weekdays count within the month
    v_nth_of_month constant boolean := p_freq = 'MONTHLY' or p_months is not null;
begin
    return query
    select
        c.day,
        case p_freq
            when 'DAILY' then c.day - v_epoch
            when 'WEEKLY' then c.week
            when 'MONTHLY' then c.month
            else case when p_week_numbers is null then c.month / 12 else ticketdb.week_number(c.day, p_week_start) / 10000 end
        end
    from (
        select
            m.first_day + (n.month_day - 1) as day,
            m.month,
            n.month_day,
            m.days as month_days,
            (m.first_weekday + n.month_day - 1) % 7 + 1 as weekday,
            m.days_before + n.month_day as year_day,
            m.year_days,
            m.first_day + (n.month_day - 1) - v_epoch - ((m.first_weekday + n.month_day - p_week_start) % 7 + 7) % 7 as week
        from (
            select
                i.n as month,
                f.first_day,
                ((f.first_day - v_epoch) % 7 + 7) % 7 as first_weekday,
                make_date((i.n + 1) / 12, (i.n + 1) % 12 + 1, 1) - f.first_day as days,
                f.first_day - make_date(i.n / 12, 1, 1) as days_before,
                make_date(i.n / 12 + 1, 1, 1) - make_date(i.n / 12, 1, 1) as year_days
            from generate_series(v_first_month, v_last_month) as i (n)
            cross join lateral (select make_date(i.n / 12, i.n % 12 + 1, 1) as first_day) as f
            where (p_months is null or i.n % 12 + 1 = any (p_months))
              and (v_open_month is null or i.n % 12 = v_open_month)
              and (v_month_step is null or (i.n - v_month) % v_month_step = 0)
              and (v_year_step is null or (i.n / 12 - v_month / 12) % v_year_step = 0)
            -- once for each month, not written out wherever a day needs it
            offset 0
        ) as m
        -- read again for each month, not made again
        inner join generate_series(1, 31) as n (month_day) on n.month_day <= m.days
    ) as c
    where c.day between p_first and p_last
      and (v_week_step is null or (c.week - v_week) / 7 % v_week_step = 0)
      and (v_day_step is null or (c.day - p_start) % v_day_step = 0)
      and (v_open_weekday is null or c.weekday = v_open_weekday)
      and (v_open_month_day is null or c.month_day = v_open_month_day)
      and (p_year_days is null or c.year_day = any (p_year_days) or c.year_day - c.year_days - 1 = any (p_year_days))
      and (p_month_days is null or c.month_day = any (p_month_days) or c.month_day - c.month_days - 1 = any (p_month_days))
      and (
          (p_weekdays is null and p_nth_weekdays is null)
          or c.weekday = any (p_weekdays)
          or case
              when p_nth_weekdays is null then false
              when v_nth_of_month then
                  ((c.month_day - 1) / 7 + 1) * 8 + c.weekday = any (p_nth_weekdays)
                  or ((c.month_day - c.month_days) / 7 - 1) * 8 + c.weekday = any (p_nth_weekdays)
              else
                  ((c.year_day - 1) / 7 + 1) * 8 + c.weekday = any (p_nth_weekdays)
                  or ((c.year_day - c.year_days) / 7 - 1) * 8 + c.weekday = any (p_nth_weekdays)
          end
      )
      and (p_week_numbers is null or ticketdb.is_in_week(c.day, p_week_start, p_week_numbers));
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
