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
)

select
    {{ proposal_id("'hold_mining'", 'operations.title_id', 'operations.ops') }} as patch_id,
    coalesce(histories.last_patch_seq, 0) + 1 as patch_seq,
    operations.title_id,
    'rule:hold_mining' as author,
    operations.reason,
    operations.ops
from operations
left join {{ ref('published_histories') }} as histories on operations.title_id = histories.title_id
