-- depends_on: {{ ref('tried_base_semantic_patches') }}, {{ ref('stg_title_rows') }}
-- depends_on: {{ function('json_content') }}, {{ function('patch_shape') }}, {{ function('patch_items') }}
-- depends_on: {{ source('inputs', 'files') }}, {{ source('inputs', 'lines') }}
{{ twin_of('stg_semantic_patches', 'tried') }}
