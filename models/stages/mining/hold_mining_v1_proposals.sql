{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

-- What was undone can be proposed again, under a new id.
select
    {{ function('again_id') }}(titles.first_id, families.last_number) as patch_id,
    {{ function('seq_after') }}(titles.last_patch_seq, 1) as patch_seq,
    titles.title_id,
    'rule:hold_mining' as author,
    'The evidence lists the title under ' || titles.candidates[1].occupation_title
    || ' (' || titles.candidates[1].why || ').' as reason,
    titles.ops
from {{ ref('mined_titles') }} as titles
left join {{ ref('log_families') }} as families on titles.first_id = families.first_id
where titles.verdict = 'propose'
