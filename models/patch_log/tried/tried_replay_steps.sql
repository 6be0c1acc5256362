{{ config(materialized='view') }}
-- depends_on: {{ ref('tried_replay_operations') }}, {{ ref('tried_replay_pointers') }}
{{ twin_of('replay_steps', 'tried') }}
