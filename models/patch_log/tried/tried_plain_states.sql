{{ config(materialized='view') }}
-- depends_on: {{ ref('stg_title_rows') }}, {{ ref('tried_stg_semantic_patches') }}, {{ ref('tried_patch_shapes') }}
-- depends_on: {{ function('list_part') }}, {{ function('list_splice') }}
{{ twin_of('plain_states', 'tried') }}
