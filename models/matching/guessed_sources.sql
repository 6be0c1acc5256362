{{ config(materialized='view') }}

select distinct source_id from {{ ref('known_titles') }}
where kind = 'common'
