with
replayed as (
    select title_id, unnest(outcomes, recursive := true)
    from {{ ref('replay_states') }}
)

select
    patches.title_id,
    patches.patch_seq,
    patches.patch_id,
    patches.replay_position,
    case
        when patches.repetition = 'conflict' then 'rejected'
        when patches.repetition = 'duplicate' then 'duplicate'
        when not patches.has_title then 'orphaned'
        when replayed.code is not null then 'rejected'
        when replayed.has_changed then 'applied'
        else 'noop'
    end as outcome,
    case
        when patches.repetition = 'conflict' then 'patch_id_conflict' else replayed.code
    end as code,
    replayed.op_index,
    patches.author,
    patches.reason
from {{ ref('stg_semantic_patches') }} as patches
left join replayed using (title_id, replay_position)
