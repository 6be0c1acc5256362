{{ config(materialized='view') }}

select name from {{ ref('place_names') }}
union
select name from {{ ref('place_regions') }}
