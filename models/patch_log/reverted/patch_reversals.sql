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
        {{ function('undoing') }}(patch_ids) as evidence_ref
    from {{ ref('reversed_titles') }}
)

select
    {{ function('proposal_id') }}(
        'revert', titles.title_id, json_array(titles.last_patch_seq, titles.ops, titles.evidence_ref)
    ) as patch_id,
    {{ function('seq_after') }}(titles.last_patch_seq, 1) as patch_seq,
    titles.title_id,
    coalesce(words.author, 'revert-patches') as author,
    coalesce(words.reason, 'Reverts ' || array_to_string(titles.patch_ids, ', ') || '.') as reason,
    titles.ops,
    titles.evidence_ref
from titles
cross join words
