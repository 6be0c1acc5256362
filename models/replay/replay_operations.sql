with
patches as (
    select
        title_id,
        replay_position,
        unnest(ops) as operation,
        generate_subscripts(ops, 1) - 1 as op_index
    from {{ ref('stg_semantic_patches') }}
    where has_title and repetition is null
),

parsed as (
    select
        title_id,
        replay_position,
        op_index,
        case
            when json_type(operation, '/op') = 'VARCHAR' then operation ->> '/op'
        end as op,
        case
            when json_type(operation, '/path') = 'VARCHAR' then operation ->> '/path'
        end as path,
        case
            when json_type(operation, '/from') = 'VARCHAR' then operation ->> '/from'
        end as from_path,
        json_extract(operation, '/value') as value,
        list_filter(
            coalesce(json_keys(operation), []), lambda k: k in ('op', 'path', 'from', 'value')
        ) as keys
    from patches
)

select
    title_id,
    replay_position,
    op_index,
    op,
    path,
    case when op in ('move', 'copy') then from_path end as from_path,
    case
        when op in ('add', 'replace', 'test') then
            case json_type(value)
                when 'VARCHAR' then 'string'
                when 'NULL' then 'null'
                when 'ARRAY' then case when {{ is_string_list('value') }} then 'list' else 'other' end
                else 'other'
            end
    end as value_kind,
    case
        when json_type(value) = 'VARCHAR' then [{{ json_text('value') }}]
        when {{ is_string_list('value') }} then {{ json_texts('value') }}
        else []
    end as value_items,
    coalesce(op in ('add', 'remove', 'replace', 'move', 'copy', 'test'), false)
    and path is not null
    and (op not in ('add', 'replace', 'test') or value is not null)
    and (op not in ('move', 'copy') or from_path is not null)
    and len(keys) = len(list_distinct(keys)) as is_well_formed
from parsed
