{{ config(post_hook=stage_as_jsonl(['title_id'])) }}

select * exclude (last_patch_seq, ops, first_id)
from {{ ref('mined_titles') }}
