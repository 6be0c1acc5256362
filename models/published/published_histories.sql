select
    text ->> '/title_id' as title_id,
    max((text ->> '/patch_seq')::bigint) as last_patch_seq
from {{ source('published', 'lines') }}
where file = 'semantic_patch_replay_v1_patch_outcomes'
group by text ->> '/title_id'
