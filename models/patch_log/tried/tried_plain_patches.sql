-- depends_on: {{ ref('tried_stg_semantic_patches') }}
-- depends_on: {{ function('plain_operations') }}
{{ twin_of('plain_patches', 'tried') }}
