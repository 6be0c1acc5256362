-- depends_on: {{ ref('tried_base_semantic_patches') }}, {{ ref('stg_title_rows') }}, {{ ref('tried_patch_shapes') }}
-- depends_on: {{ ref('tried_shape_parts') }}
-- depends_on: {{ function('json_content') }}, {{ source('inputs', 'files') }}, {{ source('inputs', 'lines') }}
{{ twin_of('stg_semantic_patches', 'tried') }}
