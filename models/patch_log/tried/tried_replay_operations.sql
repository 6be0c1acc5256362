-- depends_on: {{ ref('tried_base_semantic_patches') }}
{{ twin_of('replay_operations', 'tried') }}
