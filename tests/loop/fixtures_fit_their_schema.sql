-- Every fixture must conform to the JSON Schema that is published with it, as a public validator applies it, since the
-- runtime reads fixtures by that schema; and each of the lane's titles must have a fixture.
with
fixtures as (
    select title_id from {{ ref('caveat_runtime_fixtures_v1') }}
)

select
    line_number,
    place,
    message
from {{ source('engine', 'schema_violations') }}
union all
select
    0 as line_number,
    titles.title_id as place,
    'no fixture' as message
from {{ ref('published_titles') }} as titles
left join fixtures on titles.title_id = fixtures.title_id
where fixtures.title_id is null
