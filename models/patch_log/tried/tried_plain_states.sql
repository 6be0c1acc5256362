{{ config(materialized='view') }}
-- depends_on: {{ ref('stg_title_rows') }}, {{ ref('tried_plain_patches') }}
{{ twin_of('plain_states', 'tried') }}
