{#- The work for splitting a shape into parts grows with the square of its operations. -#}
{%- set most_operations, member_count = 100, title_members() | length -%}

with
steps as (
    select
        shape_number,
        len(shape) as operation_count,
        unnest(steps) as step
    from {{ ref('patch_shapes') }}
    where len(shape) <= {{ most_operations }}
),

written as (
    select
        *,
        step.op_index,
        step.member,
        step.phase,
        step.action in ('splice', 'cut') as is_write,
        step.action = 'splice' and step.start is null as is_append
    from steps
),

judged as (
    select
        *,
        not coalesce(
            not bool_or(is_write) over former
            or is_append and not bool_or(is_write and not is_append) over former,
            true
        ) as is_late,
        -- A list that loses and regains an element in one operation cannot be handled by parts.
        coalesce(bool_or(step.action = 'cut') over within_operation, false) as is_torn
    from written
    window
        former as (
            partition by shape_number, member order by op_index, phase rows between unbounded preceding and 1 preceding
        ),
        within_operation as (
            partition by shape_number, member, op_index order by phase rows between unbounded preceding and 1 preceding
        )
),

operations as (
    select
        *,
        bool_or(is_late) over (partition by shape_number, op_index) as is_late_operation,
        bool_or(is_torn) over (partition by shape_number) as has_torn
    from judged
),

parted as (
    select
        *,
        1 + count(case when is_late_operation and phase = 1 then 1 end) over so_far as part
    from operations
    where not has_torn
    window so_far as (partition by shape_number order by op_index)
),

-- What operations take follows the values of all operations.
placed as (
    select
        *,
        max(part) over (partition by shape_number) as part_count,
        case step.brings
            when 'value' then op_index + 1
            when 'taken' then operation_count + count(case when phase = 0 then 1 end) over so_far
        end as place
    from parted
    window so_far as (partition by shape_number, part order by op_index)
),

writes as (
    select
        shape_number,
        part,
        list_sort(list(struct_pack(member := member, start := start, span := span, brought := coalesce(brought, []))))
            as writes
    from (
        select
            shape_number,
            part,
            member,
            any_value(step.start) as start,
            any_value(step.span) as span,
            list_transform(
                list_sort(list(struct_pack(op_index, place)) filter (place is not null)), lambda one: one.place
            ) as brought
        from placed
        where is_write and step.error is null
        group by shape_number, part, member
    ) as members
    group by shape_number, part
)

select
    placed.shape_number,
    placed.part,
    any_value(placed.part_count) as part_count,
    coalesce(list_sort(list(struct_pack(step := placed.step, place := placed.place)) filter (
        placed.step.action = 'test' or placed.step.error is not null
        or placed.step.span is not null and (placed.step.start is not null or placed.step.brings = 'taken')
    )), []) as checks,
    coalesce(list_sort(list(placed.step) filter (placed.phase = 0)), []) as takes,
    any_value(coalesce(writes.writes, [])) as writes,
    any_value(list_transform(
        generate_series(1, {{ member_count }}),
        lambda nth: coalesce( -- noqa: LT01
            {{ member_count }} + list_position(
                list_transform(writes.writes, lambda write: write.member), nth -- noqa: RF02
            ),
            nth -- noqa: RF02
        )
    )) as places
from placed
left join writes on placed.shape_number = writes.shape_number and placed.part = writes.part
group by placed.shape_number, placed.part
