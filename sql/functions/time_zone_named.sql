-- The IANA name that somebody will have meant who wrote something else: another spelling, a city alone, an abbreviation, a country's old
-- name, whole hours from UTC. Called by check_time_zone, for its hint.
-- locks: none
-- raises: nothing
create or replace function ticketdb.time_zone_named(p_timezone text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_meant constant text := regexp_replace(
        replace(lower(btrim(p_timezone)), ' ', '_'), '^(?:utc|gmt)?([+-])0?([0-9]{1,2}):?([0-9]{2})$', '\1\2:\3'
    );
    v_hours constant int := substring(v_meant, '^(?:utc|gmt)?([+-][0-9]{1,2})(?::00)?$')::int;
begin
    if v_hours = 0 then
        return 'UTC';
    end if;
    -- a POSIX zone counts hours to the west
    if v_hours between -12 and 14 then
        return 'Etc/GMT' || case when v_hours > 0 then '-' else '+' end || abs(v_hours);
    end if;
    return coalesce(
        (
            select m.name
            from (
                values
                ('utc', 'UTC'), ('z', 'UTC'), ('gmt', 'GMT'), ('+3:30', 'Asia/Tehran'), ('+4:30', 'Asia/Kabul'),
                ('+5:30', 'Asia/Kolkata'), ('+5:45', 'Asia/Kathmandu'), ('+6:30', 'Asia/Yangon'), ('+9:30', 'Australia/Darwin'),
                ('ist', 'Asia/Kolkata'),
                ('est', 'America/New_York'), ('edt', 'America/New_York'), ('est5edt', 'America/New_York'),
                ('cst', 'America/Chicago'), ('cdt', 'America/Chicago'), ('cst6cdt', 'America/Chicago'),
                ('mst', 'America/Denver'), ('mdt', 'America/Denver'), ('mst7mdt', 'America/Denver'),
                ('pst', 'America/Los_Angeles'), ('pdt', 'America/Los_Angeles'), ('pst8pdt', 'America/Los_Angeles'),
                ('wet', 'Europe/Lisbon'), ('bst', 'Europe/London'), ('gb', 'Europe/London'), ('eire', 'Europe/Dublin'),
                ('cet', 'Europe/Paris'), ('cest', 'Europe/Paris'), ('met', 'Europe/Paris'), ('eet', 'Europe/Athens'),
                ('msk', 'Europe/Moscow'), ('w-su', 'Europe/Moscow'), ('poland', 'Europe/Warsaw'), ('portugal', 'Europe/Lisbon'),
                ('turkey', 'Europe/Istanbul'), ('iceland', 'Atlantic/Reykjavik'), ('israel', 'Asia/Jerusalem'),
                ('iran', 'Asia/Tehran'), ('egypt', 'Africa/Cairo'), ('libya', 'Africa/Tripoli'), ('jst', 'Asia/Tokyo'),
                ('japan', 'Asia/Tokyo'), ('rok', 'Asia/Seoul'), ('prc', 'Asia/Shanghai'), ('roc', 'Asia/Taipei'),
                ('hongkong', 'Asia/Hong_Kong'), ('aest', 'Australia/Sydney'), ('nz', 'Pacific/Auckland'),
                ('cuba', 'America/Havana'), ('navajo', 'America/Denver'), ('hst', 'Pacific/Honolulu')
            ) as m (meant, name)
            where m.meant = v_meant
        ),
        (
            select z.name
            from pg_timezone_names as z
            where z.name ~ '^(?!posix/|right/|SystemV/)[A-Z][^/]*/'
              and (lower(z.name) = v_meant or lower(substring(z.name, '[^/]*$')) = v_meant or lower(z.name) = substring(v_meant, '^posix/(.*)'))
            order by lower(z.name) <> v_meant, z.name
            limit 1
        )
    );
end
$$;
revoke execute on function ticketdb.time_zone_named(text) from public;
comment on function ticketdb.time_zone_named(text) is 'IANA name that was probably meant; null where nobody can tell';
