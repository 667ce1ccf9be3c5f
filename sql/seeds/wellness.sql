-- The two classes that every venue of this application starts with: yoga at 7, zumba at 8, every day, 30 places, free.
-- They take place in space 1 where there is one. What is there already stays as it is.
insert into public.event_definitions (
    event_code, title, description, event_category, event_type, recurrence_type, recurrence_days,
    default_start_time, default_end_time, max_tickets, default_ticket_price, space_id
)
select
    c.event_code, c.title, c.description, 'wellness', c.event_type, 'daily', '1,2,3,4,5,6,7',
    c.starts, c.ends, 30, 0.00, (select s.id from public.spaces as s where s.id = 1)
from (values
    ('yoga-morning', 'Morning Yoga Session', 'Daily yoga class', 'yoga', time '07:00', time '08:00'),
    ('zumba-morning', 'Morning Zumba Class', 'Daily zumba fitness class', 'zumba', time '08:00', time '09:00')
) as c (event_code, title, description, event_type, starts, ends)
on conflict on constraint event_code_unique do nothing;
