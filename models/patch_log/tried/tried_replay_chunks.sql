-- depends_on: {{ ref('tried_stg_semantic_patches') }}, {{ ref('tried_patch_shapes') }}
{{ twin_of('replay_chunks', 'tried') }}
