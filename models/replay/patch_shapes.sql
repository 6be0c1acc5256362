with
-- A shape is as long as its patch, so everything derived from its operations refers to it by number.
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

lists as (
    select
        operations.shape_number,
        list_sort(list(struct_pack(
            op_index := operations.placed.op_index,
            phase := steps.phase,
            action := steps.action,
            member := steps.member,
            start := steps.start,
            span := steps.span,
            brings := steps.brings,
            error := steps.error
        ))) as steps
    from operations
    inner join {{ ref('replay_steps') }} as steps on operations.placed.operation = steps.operation
    group by operations.shape_number
)

select
    shapes.shape_number,
    shapes.shape,
    lists.steps
from shapes
inner join lists on shapes.shape_number = lists.shape_number
