{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

with
lines as (
    select
        title_id,
        patch_id,
        patch_seq,
        {{ is_reverted() }} as is_reverted
    from {{ ref('base_semantic_patches') }}
    where quarantine_reason is null
),

log as (
    select
        title_id,
        max(patch_seq) as last_patch_seq,
        list(patch_id order by patch_seq, patch_id) filter (is_reverted) as reverted
    from lines
    group by title_id
),

-- What each member is, and what it would be had the patches never been there.
operations as (
    select
        log.title_id,
        log.last_patch_seq,
        log.reverted,
        to_json(flatten([
            {%- for member in title_members() if member.patchable %}
            case
                when current_titles.{{ member.name }} is not distinct from replayed.{{ member.name }} then []
                else [
                    {{ op('test', '/' ~ member.name, 'current_titles.' ~ member.name) }},
                    {{ op('replace', '/' ~ member.name, 'replayed.' ~ member.name) }}
                ]
            end{{ "," if not loop.last }}
            {%- endfor %}
        ])) as ops
    from log
    inner join {{ ref('published_titles') }} as current_titles on log.title_id = current_titles.title_id
    inner join {{ ref('replayed_titles') }} as replayed on log.title_id = replayed.title_id
    where len(log.reverted) > 0
)

select
    {{ proposal_id("'revert'", 'title_id', 'json_array(last_patch_seq, ops)') }} as patch_id,
    last_patch_seq + 1 as patch_seq,
    title_id,
    'revert-patches' as author,
    'Reverts ' || array_to_string(reverted, ', ') || '.' as reason,
    ops
from operations
where json_array_length(ops) > 0
