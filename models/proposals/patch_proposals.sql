{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

with
proposals as (
    select * from {{ ref('proposed_operations') }}
    union all
    select * from {{ ref('proposed_flags') }}
),

identified as (
    select
        *,
        {{ proposal_id('rule_id', 'title_id', 'ops') }} as patch_id
    from proposals
),

-- A chain ends before the first link that the log has already: what builds on it would not apply.
fresh as (
    select identified.*
    from identified
    left join {{ ref('stg_semantic_patches') }} as log on identified.patch_id = log.patch_id
    qualify not bool_or(log.patch_id is not null) over (
        partition by identified.title_id, identified.kind_position order by identified.position
    )
)

select
    fresh.patch_id,
    coalesce(histories.last_patch_seq, 0) + row_number() over (
        partition by fresh.title_id order by fresh.kind_position, fresh.position
    ) as patch_seq,
    fresh.title_id,
    'rule:' || fresh.rule_id as author,
    fresh.reason,
    fresh.ops
from fresh
left join {{ ref('title_histories') }} as histories on fresh.title_id = histories.title_id
