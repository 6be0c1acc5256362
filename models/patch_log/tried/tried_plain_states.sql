{{ config(materialized='view') }}
-- depends_on: {{ ref('stg_title_rows') }}, {{ ref('tried_stg_semantic_patches') }}, {{ ref('tried_shape_parts') }}
-- depends_on: {{ function('list_part') }}, {{ function('list_splice') }}
-- depends_on: {{ function('part_failure') }}, {{ function('changed_members') }}
{{ twin_of('plain_states', 'tried') }}
