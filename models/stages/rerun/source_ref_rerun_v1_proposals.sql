{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

with
chosen as (
    select
        choices.*,
        titles.occupation_code is null
        and not coalesce(list_contains(people.members, 'occupation_code'), false) as wants_code,
        titles.caveats,
        '/candidate_source_refs/' || choices.candidate_index as place
    from {{ ref('rerun_choices') }} as choices
    inner join {{ ref('published_titles') }} as titles on choices.title_id = titles.title_id
    left join {{ ref('published_titles_set_by_people') }} as people on choices.title_id = people.title_id
),

operations as (
    select
        title_id,
        'The best of its candidates is ' || best_match || coalesce(', second ' || second_match, '') || '.' as reason,
        to_json(
            [
                json_object('op', 'test', 'path', place, 'value', candidate),
                json_object('op', 'move', 'from', place, 'path', '/source_refs/-')
            ]
            || {{ operations_for_code('wants_code', 'occupation_code') }}
            || case
                when new_caveats = [] then []
                else
                    [{{ function('operation') }}('test', '/caveats', caveats)]
                    || list_transform(
                        new_caveats, lambda code: {{ function('operation') }}('add', '/caveats/-', code)
                    )
            end
        ) as ops
    from chosen
),

identified as (
    select
        *,
        {{ function('proposal_id') }}('source_ref_rerun', title_id, ops) as first_id
    from operations
),

-- What was undone can be proposed again, under a new id.
proposed as (
    select
        identified.title_id,
        identified.reason,
        identified.ops,
        {{ function('again_id') }}(identified.first_id, families.last_number) as patch_id,
        {{ function('seq_after') }}(log_titles.last_patch_seq, 1) as patch_seq
    from identified
    left join {{ ref('log_titles') }} as log_titles on identified.title_id = log_titles.title_id
    left join {{ ref('log_families') }} as families on identified.first_id = families.first_id
    where not {{ is_declined('identified.first_id') }}
)

select
    patch_id,
    patch_seq,
    title_id,
    'rule:source_ref_rerun' as author,
    reason,
    ops
from proposed
