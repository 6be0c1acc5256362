-- depends_on: {{ ref('tried_stg_semantic_patches') }}
{{ twin_of('replay_operations', 'tried') }}
