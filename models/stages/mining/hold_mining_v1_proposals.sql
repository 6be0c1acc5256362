{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

with
operations as (
    select
        title_id,
        json_array(
            {{ op('test', '/source_refs', '[]') }},
            {{ op('add', '/source_refs/-', 'candidates[1].source_ref') }},
            {{ op('add', '/occupation_code', 'candidates[1].occupation_code') }}
        ) as ops,
        'The evidence lists the title under ' || candidates[1].occupation_title || ' (' || candidates[1].why || ').'
            as reason
    from {{ ref('hold_mining_v1') }}
    where verdict = 'propose'
),

identified as (
    select
        *,
        {{ proposal_id("'hold_mining'", 'title_id', 'ops') }} as first_id
    from operations
),

-- What was undone can be proposed again, under a new id.
proposed as (
    select
        identified.title_id,
        identified.reason,
        identified.ops,
        {{ again_id('identified.first_id', 'families.last_number') }} as patch_id,
        {{ seq_after('log_titles.last_patch_seq') }} as patch_seq
    from identified
    left join {{ ref('log_titles') }} as log_titles on identified.title_id = log_titles.title_id
    left join {{ ref('log_families') }} as families on identified.first_id = families.first_id
    where not {{ is_declined('identified.first_id', again_id('identified.first_id', 'families.last_number')) }}
)

select
    patch_id,
    patch_seq,
    title_id,
    'rule:hold_mining' as author,
    reason,
    ops
from proposed
