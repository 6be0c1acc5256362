{#- What is plain is held against the former operations of its patch. -#}
{%- set most_operations, member_count = 100, title_members() | length -%}

with
-- A shape is as long as its patch: what is made of each operation goes by a number.
shapes as materialized (
    select
        row_number() over (order by shape) as shape_number,
        shape
    from {{ ref('base_semantic_patches') }}
    where quarantine_reason is null
    group by shape
),

operations as (
    select
        shape_number,
        unnest(list_transform( -- noqa: LT01
            shape, lambda one, nth: struct_pack(op_index := nth - 1, operation := one) -- noqa: PRS, RF02
        )) as placed
    from shapes
),

steps as (
    select
        operations.shape_number,
        operations.placed.op_index,
        steps.phase,
        steps.action,
        steps.member,
        steps.start,
        steps.span,
        steps.brings,
        steps.error,
        steps.action = 'splice' and steps.start is null as is_append
    from operations
    inner join {{ ref('replay_steps') }} as steps on operations.placed.operation = steps.operation
),

-- What a patch has written a plain one leaves alone, but for more that it appends: its order says nothing else.
judged as (
    select
        *,
        phase = 1
        and error is null
        and coalesce(
            not bool_or(action = 'splice') over former
            or is_append and not bool_or(action = 'splice' and not is_append) over former,
            true
        ) as is_plain
    from steps
    window former as (
        partition by shape_number, member order by op_index rows between unbounded preceding and 1 preceding
    )
),

writes as (
    select
        shape_number,
        list_sort(list(struct_pack(member := member, start := start, span := span, brought := coalesce(brought, []))))
            as writes
    from (
        select
            shape_number,
            member,
            any_value(start) as start,
            any_value(span) as span,
            list_sort(list(op_index + 1) filter (brings = 'value')) as brought
        from judged
        where action = 'splice'
        group by shape_number, member
    ) as members
    group by shape_number
),

lists as (
    select
        shape_number,
        bool_and(is_plain) and count(distinct op_index) <= {{ most_operations }} as is_plain,
        list_sort(list(struct_pack(
            op_index := op_index,
            phase := phase,
            action := action,
            member := member,
            start := start,
            span := span,
            brings := brings,
            error := error
        ))) as steps
    from judged
    group by shape_number
)

select
    shapes.shape_number,
    shapes.shape,
    lists.is_plain,
    lists.steps,
    list_filter(
        case when lists.is_plain then lists.steps end,
        lambda step: step.action = 'test' or step.start is not null and step.span is not null
    ) as checks,
    case when lists.is_plain then coalesce(writes.writes, []) end as writes,
    list_transform(
        generate_series(1, {{ member_count }}),
        lambda nth: coalesce( -- noqa: LT01
            {{ member_count }} + list_position(
                list_transform(writes.writes, lambda write: write.member), nth -- noqa: RF02
            ),
            nth -- noqa: RF02
        )
    ) as places
from shapes
inner join lists on shapes.shape_number = lists.shape_number
left join writes on shapes.shape_number = writes.shape_number
