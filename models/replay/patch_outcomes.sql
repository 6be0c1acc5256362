{{ config(meta={'compression': 'said'}) }}

with
replayed as (
    select
        title_id,
        unnest(outcomes) as outcome
    from {{ ref('replay_states') }}
)

select
    patches.file,
    patches.line_number,
    patches.title_id,
    patches.patch_seq,
    patches.patch_id,
    patches.author,
    patches.reason,
    patches.replay_position,
    replayed.outcome.op_index,
    case
        when patches.repetition = 'conflict' then 'rejected'
        when patches.repetition = 'duplicate' then 'duplicate'
        when not patches.has_title then 'orphaned'
        when replayed.outcome.code is not null then 'rejected'
        when replayed.outcome.changes is not null then 'applied'
        else 'noop'
    end as outcome,
    case
        when patches.repetition = 'conflict' then 'patch_id_conflict' else replayed.outcome.code
    end as code,
    replayed.outcome.changes
from {{ ref('stg_semantic_patches') }} as patches
left join replayed
    on patches.title_id = replayed.title_id and patches.replay_position = replayed.outcome.replay_position
