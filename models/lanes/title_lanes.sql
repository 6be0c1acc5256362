{{ config(materialized='view') }}

with
titles as (select * from {{ ref('replayed_titles') }}),

{{ sorted_into_lanes('titles') }}

select * from laned
