{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

with
operations as (
    select
        title_id,
        reviewer,
        case
            when decision = 'none' then 'A person looked and found no source that fits.'
            else 'A person chose ' || coalesce(occupation_title, decision) || '.'
        end || coalesce(' ' || note, '') as reason,
        case
            when decision = 'none'
                then json_array(
                    {{ op('test', '/hold_reason', 'hold_reason') }},
                    {{ op('replace', '/hold_reason', "'" ~ reviewed_mark() ~ "no source fits'") }}
                )
            else to_json(
                [
                    {{ op('test', '/source_refs', '[]') }},
                    {{ op('add', '/source_refs/-', 'decision') }},
                    {{ op('test', '/occupation_code', 'former_code') }},
                    {{ op('replace', '/occupation_code', 'occupation_code') }}
                ]
                || case
                    when hold_reason is not null
                        then [
                            {{ op('test', '/hold_reason', 'hold_reason') }},
                            {{ op('replace', '/hold_reason', 'null') }}
                        ]
                    else []
                end
            )
        end as ops
    from {{ ref('review_decisions') }}
    where problem is null and not is_done
)

select
    {{ proposal_id("'review'", 'operations.title_id', 'operations.ops') }} as patch_id,
    coalesce(histories.last_patch_seq, 0) + 1 as patch_seq,
    operations.title_id,
    operations.reviewer as author,
    operations.reason,
    operations.ops
from operations
left join {{ ref('title_histories') }} as histories on operations.title_id = histories.title_id
