{#- Each patch of a title is a round of `plain_states`, each operation is held against the later ones of its patch. -#}
{%- set most_patches, most_operations = 20, 100 -%}
{%- set pointers, kinds, patchable = [], [], [] -%}
{%- for member in title_members() -%}
{%- do pointers.append(member_pointer(member.name)) -%}
{%- do kinds.append(text_literal(member.kind)) -%}
{%- do patchable.append(member.patchable | string) -%}
{%- endfor -%}
{%- set kind = '[' ~ kinds | join(', ') ~ '][operation.member]' -%}

with
read_operations as (
    select
        title_id,
        replay_position,
        repetition,
        list_transform(
            case when len(ops) <= {{ most_operations }} then ops end,
            lambda operation: struct_pack(
                -- One more is there twice, or RFC 6902 does not define it.
                op := case when len(json_keys(operation)) = 3 then operation ->> '/op' end, -- noqa: RF02
                path := operation ->> '/path', -- noqa: RF02
                value := operation -> '/value' -- noqa: RF02
            )
        ) as operations
    from {{ ref('stg_semantic_patches') }}
    where has_title
),

placed_operations as (
    select
        * exclude (operations),
        list_transform(
            operations,
            lambda operation: struct_pack(
                op := operation.op,
                member := list_position(
                    [{{ pointers | join(', ') }}],
                    case when ends_with(operation.path, '/-') then left(operation.path, -2) else operation.path end
                ),
                is_end := ends_with(operation.path, '/-'),
                value_kind := case
                    when starts_with(operation.value, '"') then 'string'
                    when operation.value = 'null' then 'null'
                    when {{ function('is_string_list') }}(operation.value) then 'list'
                end,
                items := case
                    when starts_with(operation.value, '"') then [operation.value ->> '$']
                    else operation.value ->> '$[*]'
                end
            )
        ) as operations
    from read_operations
),

plain_operations as (
    select
        * exclude (operations),
        list_transform( -- noqa: PRS
            operations,
            lambda operation, nth: struct_pack(
                op_index := nth - 1,
                member := operation.member,
                items := operation.items,
                -- Null where it is not plain.
                action := case
                    when operation.is_end and {{ kind }} = 'list' and operation.value_kind = 'string'
                        then if(operation.op = 'add', 'append', null)
                    when
                        not operation.is_end
                        and operation.value_kind in ({{ kind }}, if({{ kind }} = 'string', 'null', null))
                        then case
                            when operation.op = 'test' then 'test'
                            when
                                operation.op in ('add', 'replace')
                                and [{{ patchable | join(', ') }}][operation.member]
                                then 'put'
                        end
                end
            )
        ) as operations
    from placed_operations
),

patches as (
    select
        title_id,
        replay_position,
        list_filter(operations, lambda operation: operation.action = 'test') as tests,
        list_filter(operations, lambda operation: operation.action = 'put') as puts,
        list_filter(operations, lambda operation: operation.action = 'append') as appends,
        list_transform(operations, lambda operation: operation.member) as members,
        list_transform(operations, lambda operation: if(operation.action <> 'append', operation.member, null)) as whole,
        -- What a patch has written it leaves alone, but for more that it appends: its order says nothing else.
        repetition is null
        and replay_position <= {{ most_patches }}
        and coalesce(len(list_filter(
            operations,
            lambda operation: operation.action is null
            or operation.action = 'put' and list_contains(members[operation.op_index + 2:], operation.member)
            or operation.action = 'append' and list_contains(whole[operation.op_index + 2:], operation.member)
        )) = 0, false) as is_plain
    from plain_operations
)

select
    title_id,
    replay_position,
    tests,
    list_transform(puts, lambda operation: operation.member) as put_members,
    list_transform(puts, lambda operation: operation.items) as put_items,
    list_distinct(list_transform(appends, lambda operation: operation.member)) as appended_members,
    list_transform(
        appended_members,
        lambda member: flatten(list_transform(
            list_filter(appends, lambda operation: operation.member = member), lambda operation: operation.items
        ))
    ) as appended_items
from patches
where title_id not in (select unlike.title_id from patches as unlike where not unlike.is_plain) -- noqa: LT14
