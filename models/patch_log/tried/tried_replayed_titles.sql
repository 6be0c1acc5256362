{{ config(materialized='view') }}
-- depends_on: {{ ref('stg_title_rows') }}, {{ ref('tried_replay_states') }}, {{ ref('tried_patch_outcomes') }}
{{ twin_of('replayed_titles', 'tried') }}
