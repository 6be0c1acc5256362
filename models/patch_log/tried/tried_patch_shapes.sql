-- depends_on: {{ ref('tried_base_semantic_patches') }}, {{ ref('tried_replay_steps') }}
{{ twin_of('patch_shapes', 'tried') }}
