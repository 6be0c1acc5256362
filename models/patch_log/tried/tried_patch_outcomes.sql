-- depends_on: {{ ref('tried_replay_states') }}, {{ ref('tried_stg_semantic_patches') }}
{{ twin_of('patch_outcomes', 'tried') }}
