{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

with
chosen as (
    select
        choices.*,
        titles.occupation_code as former_code,
        titles.caveats,
        '/candidate_source_refs/' || choices.candidate_index as place
    from {{ ref('rerun_choices') }} as choices
    inner join {{ ref('published_titles') }} as titles on choices.title_id = titles.title_id
),

operations as (
    select
        title_id,
        'The best of its candidates is ' || occupation_title || ', for ' || evidence_title || '.' as reason,
        to_json(
            [
                json_object('op', 'test', 'path', place, 'value', candidate),
                json_object('op', 'move', 'from', place, 'path', '/source_refs/-')
            ]
            || case
                when former_code is null
                    then [
                        {{ op('test', '/occupation_code', 'null') }},
                        {{ op('add', '/occupation_code', 'occupation_code') }}
                    ]
                else []
            end
            || case
                when needs_caveat
                    then [
                        {{ op('test', '/caveats', 'caveats') }},
                        {{ op('add', '/caveats/-', "'near_evidence_only'") }}
                    ]
                else []
            end
        ) as ops
    from chosen
)

select
    {{ proposal_id("'source_ref_rerun'", 'operations.title_id', 'operations.ops') }} as patch_id,
    coalesce(histories.last_patch_seq, 0) + 1 as patch_seq,
    operations.title_id,
    'rule:source_ref_rerun' as author,
    operations.reason,
    operations.ops
from operations
left join {{ ref('published_histories') }} as histories on operations.title_id = histories.title_id
