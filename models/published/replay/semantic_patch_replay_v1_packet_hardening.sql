{{ config(materialized='view', post_hook=stage_as_jsonl(['title_id'])) }}

select * from {{ ref('semantic_patch_replay_v1') }}
where runtime_lane = 'packet_hardening'
