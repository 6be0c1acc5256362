{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

-- A chain of changes ends before the first change that the log already has, or that a person has declined: later
-- changes build on it and would not apply.
with
operations as (
    select * from {{ ref('judged_operations') }}
    qualify not bool_or(is_refused) over (partition by title_id, kind_position order by position)
),

proposals as (
    select * exclude (is_refused) from operations
    union all by name
    select * from {{ ref('proposed_flags') }}
)

select
    proposals.patch_id,
    {{ function('seq_after') }}(
        histories.last_patch_seq,
        row_number() over (partition by proposals.title_id order by proposals.kind_position, proposals.position)
    ) as patch_seq,
    proposals.title_id,
    'rule:' || proposals.rule_id as author,
    proposals.reason,
    proposals.ops,
    'with ' || proposals.half as evidence_ref
from proposals
left join {{ ref('title_histories') }} as histories on proposals.title_id = histories.title_id
