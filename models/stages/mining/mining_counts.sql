with
verdicts (position, name) as (
    values (1, 'propose'), (2, 'review'), (3, 'reviewed'), (4, 'no_job'), (5, 'nothing_found'), (6, 'not_looked_up')
)

select
    'verdict_counts' as section,
    verdicts.position,
    verdicts.name,
    count(mined.title_id) as row_count
from verdicts
left join {{ ref('hold_mining_v1') }} as mined on verdicts.name = mined.verdict
group by verdicts.position, verdicts.name
