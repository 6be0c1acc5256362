{#- Each patch of a title is a round of `plain_states`, each operation is held against the later ones of its patch. -#}
{%- set most_patches, most_operations = 20, 100 -%}
{#- What a plain operation is, by its op and its path: what it does, to which member, with a value of which kind. -#}
{%- set spellings, actions, places, kinds = [], [], [], [] -%}
{%- for member in title_members() -%}
{%- set place, pointer = loop.index, member_pointer(member.name) -%}
{%- set ways = [("'test ' || " ~ pointer, 'test', member.kind)] -%}
{%- if member.patchable -%}
{%- do ways.append(("'add ' || " ~ pointer, 'put', member.kind)) -%}
{%- do ways.append(("'replace ' || " ~ pointer, 'put', member.kind)) -%}
{%- if member.kind == 'list' -%}
{%- do ways.append(("'add ' || " ~ pointer ~ " || '/-'", 'append', 'element')) -%}
{%- endif -%}
{%- endif -%}
{%- for spelling, action, kind in ways -%}
{%- do spellings.append(spelling) -%}
{%- do actions.append(text_literal(action)) -%}
{%- do places.append(place) -%}
{%- do kinds.append(text_literal(kind)) -%}
{%- endfor -%}
{%- endfor %}

with
plain_operations as (
    select
        title_id,
        replay_position,
        repetition,
        is_last,
        {{ function('plain_operations') }}(
            case when len(ops) <= {{ most_operations }} then ops end,
            [{{ spellings | join(', ') }}],
            [{{ places | join(', ') }}],
            [{{ kinds | join(', ') }}],
            [{{ actions | join(', ') }}]
        ) as operations
    from {{ ref('stg_semantic_patches') }}
    where has_title
),

patches as materialized ( -- Read twice.
    select
        title_id,
        replay_position,
        is_last,
        operations,
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
),

plain_titles as (
    select
        title_id,
        replay_position,
        is_last,
        list_filter(operations, lambda operation: operation.action = 'test') as tests,
        list_filter(operations, lambda operation: operation.action <> 'test') as writes
    from patches
    where title_id not in (select unlike.title_id from patches as unlike where not unlike.is_plain) -- noqa: LT14
)

select
    title_id,
    replay_position,
    is_last,
    tests,
    list_sort(list_distinct(list_transform(writes, lambda operation: operation.member))) as members,
    list_transform(
        members,
        lambda member: flatten(list_transform(
            list_filter(writes, lambda operation: operation.member = member), lambda operation: operation.items
        ))
    ) as items,
    list_transform(
        list_filter(writes, lambda operation: operation.action = 'append'), lambda operation: operation.member
    ) as appended_members
from plain_titles
