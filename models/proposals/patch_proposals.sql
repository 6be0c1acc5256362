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
        {{ proposal_id('rule_id', 'title_id', 'ops') }} as family
    from proposals
),

judged as (
    select
        identified.*,
        {{ again_id('identified.family', 'log.last_number') }} as patch_id,
        coalesce(log.is_in_force, false) as is_known
    from identified
    left join {{ ref('log_families') }} as log on identified.family = log.family
),

-- A chain ends before the first link that the log has already, or that a person has declined: what builds on
-- it would not apply.
fresh as (
    select *
    from judged
    qualify not bool_or(is_known or {{ is_declined('family', 'patch_id') }}) over (
        partition by title_id, kind_position order by position
    )
)

select
    fresh.patch_id,
    {{ seq_after('histories.last_patch_seq', 'row_number() over (
        partition by fresh.title_id order by fresh.kind_position, fresh.position
    )') }} as patch_seq,
    fresh.title_id,
    'rule:' || fresh.rule_id as author,
    fresh.reason,
    fresh.ops
from fresh
left join {{ ref('title_histories') }} as histories on fresh.title_id = histories.title_id
