{{ config(materialized='view', post_hook=stage_as_jsonl(['title_id'])) }}

{{ titles_of_lane() }}
