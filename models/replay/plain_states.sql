{{ config(materialized='view') }}

with recursive
rounds as (
    select
        title_rows.title_id,
        0::bigint as replay_position,
        false as is_last,
        null::struct(op_index bigint, code varchar) as failure,
        null::struct(member integer, before varchar[], after varchar[])[] as changes,
        {{ pack_document('title_rows') }} as document
    from {{ ref('stg_title_rows') }} as title_rows
    inner join {{ ref('stg_semantic_patches') }} as patches
        on title_rows.title_id = patches.title_id and patches.replay_position = 1
    where title_rows.quarantine_reason is null and patches.is_plain

    union all

    select
        title_id,
        replay_position,
        is_last,
        failure,
        nullif(list_filter(
            list_transform( -- noqa: LT01
                writes, -- noqa: PRS
                lambda write, nth: struct_pack(
                    member := write.member, before := former[write.member], after := written[nth]
                )
            ),
            lambda change: change.before <> change.after
        ), []) as changes,
        coalesce(list_transform(places, lambda place: former_and_written[place]), former) as document -- noqa: RF02
    from (
        select
            *,
            list_concat(former, written) as former_and_written
        from (
            select
                * replace (
                    case when failure is null then writes end as writes,
                    case when failure is null then places end as places
                ),
                case
                    when failure is null then list_transform( -- noqa: LT01
                        writes,
                        lambda write: {{ function('list_splice') }}(
                            former[write.member],
                            write.start,
                            write.span,
                            flatten(list_transform(write.brought, lambda place: items[place]))
                        )
                    )
                end as written
            from (
                select
                    patches.title_id,
                    patches.replay_position,
                    patches.is_last,
                    patches.items,
                    shapes.writes,
                    shapes.places,
                    rounds.document as former,
                    list_filter(
                        list_transform(
                            shapes.checks,
                            lambda step: struct_pack(
                                op_index := step.op_index,
                                code := case
                                    when step.start + step.span > len(former[step.member]) then 'path_not_found'
                                    when
                                        step.action = 'test'
                                        and {{ function('list_part') }}(former[step.member], step.start, step.span)
                                        <> patches.items[step.op_index + 1]
                                        then 'test_failed'
                                end
                            )
                        ),
                        lambda found: found.code is not null
                    )[1] as failure
                from rounds
                inner join {{ ref('stg_semantic_patches') }} as patches
                    on rounds.title_id = patches.title_id and rounds.replay_position + 1 = patches.replay_position
                inner join {{ ref('patch_shapes') }} as shapes on patches.shape_number = shapes.shape_number
                where patches.is_plain
            ) as patches
        ) as patches
    ) as patches
)

select
    title_id,
    case when is_last then document end as document,
    [struct_pack(
        replay_position := replay_position,
        code := failure.code,
        op_index := failure.op_index,
        changes := changes
    )] as outcomes
from rounds
where replay_position > 0
