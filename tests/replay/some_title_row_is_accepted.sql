-- An input that is unusable as a whole must not replace what is published with nothing.
select
    quarantine.reason,
    count(quarantine.reason) as line_count
from (select count(*) as row_count from {{ ref('semantic_patch_replay_v1') }}) as accepted
left join {{ ref('semantic_patch_replay_v1_quarantine') }} as quarantine
    on quarantine.input = 'title_rows'
where accepted.row_count = 0
group by quarantine.reason
order by line_count desc, quarantine.reason asc
