-- Every fixture fits the JSON Schema that is published with it, as a public validator reads it. The runtime
-- reads fixtures by that schema. The lane's titles all have one.
select
    violations.line_number,
    violations.place,
    violations.message
from {{ source('engine', 'schema_violations') }} as violations
cross join (select count(*) as fixtures from {{ ref('caveat_runtime_fixtures_v1') }}) as counted
union all
select
    0 as line_number,
    titles.title_id as place,
    'no fixture' as message
from {{ ref('published_titles') }} as titles
left join {{ ref('caveat_runtime_fixtures_v1') }} as fixtures on titles.title_id = fixtures.title_id
where fixtures.title_id is null
