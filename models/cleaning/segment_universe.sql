-- A text that follows many kinds of work at a single employer belongs to that employer; one that several employers use
-- is a word of the trade.
select
    lower(behind.segment) as key,
    count(*) as titles,
    count(distinct behind.company) as companies,
    count(distinct regexp_extract(lower(head.segment), '([\pL\pN]+)[^\pL\pN]*$', 1)) as heads
from {{ ref('segment_cuts') }} as behind
inner join {{ ref('segment_cuts') }} as head on behind.title_id = head.title_id and head.position = 1
where behind.position > 1 and behind.segment <> ''
group by lower(behind.segment)
