{{ config(post_hook=stage_as_jsonl(['input', 'file', 'line_number'])) }}

select
    'title_rows' as input,
    file,
    line_number,
    quarantine_reason as reason,
    text
from {{ ref('stg_title_rows') }}
where quarantine_reason is not null

union all

select
    'semantic_patches' as input,
    file,
    line_number,
    quarantine_reason as reason,
    text
from {{ ref('base_semantic_patches') }}
where quarantine_reason is not null
