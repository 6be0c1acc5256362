{{ config(materialized='view', post_hook=stage_as_jsonl([
    'title_id', 'patch_seq', 'patch_id', 'outcome', 'code', 'op_index', 'author', 'reason',
])) }}

select
    title_id,
    patch_seq,
    patch_id,
    outcome,
    code,
    op_index,
    author,
    reason
from {{ ref('patch_outcomes') }}
