{{ config(post_hook=stage_as_jsonl(['title_id'])) }}

select
    title_id,
    clean_title as title,
    hold_reason
from {{ ref('hold_mining_v1') }}
where verdict = 'nothing_found'
