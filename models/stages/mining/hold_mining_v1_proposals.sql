{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

with
-- The second best in the same source, because another source's best may be the same occupation.
told as (
    select
        *,
        candidates[1] as best,
        list_filter(
            candidates[2:], lambda candidate: candidate.source_id = candidates[1].source_id
        )[1] as next_best
    from {{ ref('mined_titles') }}
    where verdict = 'propose'
)

-- What was undone can be proposed again, under a new id.
select
    {{ function('again_id') }}(titles.first_id, families.last_number) as patch_id,
    {{ function('seq_after') }}(titles.last_patch_seq, 1) as patch_seq,
    titles.title_id,
    'rule:hold_mining' as author,
    'The evidence lists the title under ' || titles.best.occupation_title
    || ' (' || titles.best.why || ', score ' || titles.best.score || ')'
    || coalesce(
        '; second is '
        || {{ function('match_told') }}(
            titles.next_best.occupation_title, titles.next_best.evidence_title, titles.next_best.score
        ),
        ''
    )
    || '.' as reason,
    titles.ops
from told as titles
left join {{ ref('log_families') }} as families on titles.first_id = families.first_id
