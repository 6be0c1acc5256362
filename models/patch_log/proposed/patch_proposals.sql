{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

with
proposals as (
    select * from {{ ref('proposed_operations') }}
    union all by name
    select * from {{ ref('proposed_flags') }}
),

identified as (
    select
        *,
        {{ proposal_id('rule_id', 'title_id', 'ops') }} as first_id
    from proposals
),

numbered as (
    select
        identified.*,
        {{ again_id('identified.first_id', 'log.last_number') }} as patch_id,
        coalesce(log.is_in_force, false) as is_known
    from identified
    left join {{ ref('log_families') }} as log on identified.first_id = log.first_id
),

judged as (
    select
        *,
        is_known or {{ is_declined('first_id', 'patch_id') }} as is_refused
    from numbered
),

-- What names a title's evidence: caveats that speak of it come with it or not at all.
halves as (
    select
        title_id,
        rule_id,
        patch_id
    from judged
    where rule_id in ('exact_evidence', 'near_evidence') and not is_refused
),

-- A chain ends before the first link that the log has already, or that a person has declined: what builds on
-- it would not apply.
fresh as (
    select
        judged.*,
        halves.patch_id as half
    from judged
    left join halves on judged.title_id = halves.title_id and judged.with_rule = halves.rule_id
    qualify not bool_or(judged.is_refused or (judged.with_rule is not null and halves.patch_id is null)) over (
        partition by judged.title_id, judged.kind_position order by judged.position
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
    fresh.ops,
    'with ' || fresh.half as evidence_ref
from fresh
left join {{ ref('title_histories') }} as histories on fresh.title_id = histories.title_id
