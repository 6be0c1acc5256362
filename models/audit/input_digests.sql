with
inputs as (
    select unnest(['title_rows', 'semantic_patches']) as input
)

select
    inputs.input,
    count(lines.sha256) as line_count,
    sha256(coalesce(string_agg(lines.sha256, '' order by lines.sha256), '')) as sha256
from inputs
left join {{ source('inputs', 'lines') }} as lines on inputs.input = lines.input
group by inputs.input
