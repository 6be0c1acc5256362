-- In Keyholder - One Loudoun the end is a site, in Nurse - Telemetry it is not.
with
ends as (
    select
        company,
        head,
        key,
        kind,
        coalesce(nullif({{ function('town_of') }}(location), ''), location) as town
    from {{ ref('judged_segments') }}
    where company <> '' and key is not null and ends_title
),

lists_of_sites as (
    select
        company,
        head
    from ends
    where head <> ''
    group by company, head
    having
        count(distinct key) filter (where kind in ('place', 'site'))
        >= greatest(8, 2 * count(distinct key) filter (where kind in ('work', 'field')))
        and count(distinct town) >= 0.75 * count(distinct key)
        and count(distinct key || ' in ' || town) <= 1.2 * count(distinct key)
),

listed_ends as (
    select
        ends.company,
        ends.key
    from ends
    left join lists_of_sites as lists on ends.company = lists.company and ends.head = lists.head
    group by ends.company, ends.key
    having
        count(lists.head) > 0 and count(distinct ends.town) <= 2
        and bool_or(ends.kind in ('field', 'unknown')) and not bool_or(ends.kind = 'work')
),

-- A text is searched for only in titles that have its first word, not in all.
common as (
    select
        title,
        unnest(string_split(title, ' ')) as word
    from {{ ref('common_titles') }}
)

select listed_ends.*
from listed_ends
anti join common
    on
        split_part(listed_ends.key, ' ', 1) = common.word
        and contains(' ' || common.title || ' ', ' ' || listed_ends.key || ' ')
