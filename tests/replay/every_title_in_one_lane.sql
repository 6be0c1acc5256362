-- Every replayed title must be in exactly one lane's table, the one of its own lane. A title in two lanes would be
-- hardened and held at once; a title in none would never be seen again.
with
members as (
    {%- for lane in runtime_lanes() %}
    select title_id, '{{ lane.name }}' as lane from {{ ref(lane.model) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    titles.title_id,
    titles.runtime_lane,
    count(members.lane) as lanes,
    min(members.lane) as lane
from {{ ref('semantic_patch_replay_v1') }} as titles
full outer join members on titles.title_id = members.title_id
group by titles.title_id, titles.runtime_lane
having count(members.lane) <> 1 or min(members.lane) is distinct from titles.runtime_lane
