with
shapes as (
    select distinct shape from {{ ref('base_semantic_patches') }}
    where quarantine_reason is null
),

operations as (
    select distinct unnest(shape) as operation from shapes
),

parsed as (
    select
        operation,
        case when json_type(operation, '/0') = 'VARCHAR' then operation ->> '/0' end as op,
        case when json_type(operation, '/1') = 'VARCHAR' then operation ->> '/1' end as path,
        case when json_type(operation, '/2') = 'VARCHAR' then operation ->> '/2' end as from_path,
        operation ->> '/3' as value_kind,
        (operation ->> '/4') = 'true' as has_each_once
    from operations
)

select
    operation,
    op,
    path,
    case when op in ('move', 'copy') then from_path end as from_path,
    case when op in ('add', 'replace', 'test') then value_kind end as value_kind,
    coalesce(op in ('add', 'remove', 'replace', 'move', 'copy', 'test'), false)
    and path is not null
    and (op not in ('add', 'replace', 'test') or value_kind <> 'none')
    and (op not in ('move', 'copy') or from_path is not null)
    and has_each_once as is_well_formed
from parsed
