with
patches as (
    select
        title_id,
        replay_position,
        unnest(list_transform( -- noqa: LT01
            ops, lambda operation, nth: struct_pack(op_index := nth - 1, json := operation) -- noqa: PRS
        )) as operation
    from {{ ref('stg_semantic_patches') }}
    where
        has_title and repetition is null
        and title_id not in (select unfolded.title_id from {{ ref('plain_patches') }} as unfolded)
),

members as (
    select
        title_id,
        replay_position,
        operation.op_index,
        json_extract(operation.json, ['/op', '/path', '/from', '/value']) as found,
        list_filter(
            coalesce(json_keys(operation.json), []), lambda k: k in ('op', 'path', 'from', 'value') -- noqa: RF02
        ) as keys
    from patches
),

parsed as (
    select
        title_id,
        replay_position,
        op_index,
        {{ function('quoted_text') }}(found[1]) as op,
        {{ function('quoted_text') }}(found[2]) as path,
        {{ function('quoted_text') }}(found[3]) as from_path,
        found[4] as value,
        json_type(found[4]) as value_type,
        not {{ function('has_repeats') }}(keys) as has_each_once
    from members
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
            case value_type
                when 'VARCHAR' then 'string'
                when 'NULL' then 'null'
                when 'ARRAY' then case when {{ function('is_string_list') }}(value) then 'list' else 'other' end
                else 'other'
            end
    end as value_kind,
    case
        when value_type = 'VARCHAR' then [json_extract_string(value, '$')]
        when value_type = 'ARRAY' and {{ function('is_string_list') }}(value) then json_extract_string(value, '$[*]')
        else []
    end as value_items,
    coalesce(op in ('add', 'remove', 'replace', 'move', 'copy', 'test'), false)
    and path is not null
    and (op not in ('add', 'replace', 'test') or value is not null)
    and (op not in ('move', 'copy') or from_path is not null)
    and has_each_once as is_well_formed
from parsed
