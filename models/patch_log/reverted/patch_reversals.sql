{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

with
words as (
    select
        max(value) filter (kind = 'author') as author,
        max(value) filter (kind = 'reason') as reason
    from {{ source('engine', 'reverted') }}
),

titles as (
    select
        *,
        {{ undoing('patch_ids') }} as evidence_ref
    from {{ ref('reversed_titles') }}
)

select
    {{ proposal_id("'revert'", 'titles.title_id', 'json_array(last_patch_seq, ops, evidence_ref)') }} as patch_id,
    {{ seq_after('titles.last_patch_seq') }} as patch_seq,
    titles.title_id,
    coalesce(words.author, 'revert-patches') as author,
    coalesce(words.reason, 'Reverts ' || array_to_string(titles.patch_ids, ', ') || '.') as reason,
    titles.ops,
    titles.evidence_ref
from titles
cross join words
