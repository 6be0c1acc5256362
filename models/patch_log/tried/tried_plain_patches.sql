-- depends_on: {{ ref('tried_stg_semantic_patches') }}
-- depends_on: {{ function('is_string_list') }}
{{ twin_of('plain_patches', 'tried') }}
