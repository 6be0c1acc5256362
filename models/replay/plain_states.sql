{{ config(materialized='view') }}

with recursive
-- A row is a title's state after one part of a patch. Until the patch ends, `begun` is the document before it.
rounds as (
    select
        title_rows.title_id,
        0::bigint as replay_position,
        0::bigint as part,
        true as is_end,
        false as is_last,
        null::struct(op_index bigint, code varchar) as failure,
        null::struct(member integer, before varchar[], after varchar[])[] as changes,
        null::varchar[][] as begun,
        {{ pack_document('title_rows') }} as document
    from {{ ref('stg_title_rows') }} as title_rows
    inner join {{ ref('stg_semantic_patches') }} as patches
        on title_rows.title_id = patches.title_id and patches.replay_position = 1
    where title_rows.quarantine_reason is null and patches.is_plain

    union all

    select
        title_id,
        replay_position,
        part,
        is_end,
        is_last,
        failure,
        case
            when not is_end or failure is not null then null
            when begun is not null then nullif({{ function('changed_members') }}(begun, document), [])
            else nullif(list_filter(
                list_transform( -- noqa: LT01
                    writes, -- noqa: PRS
                    lambda write, nth: struct_pack(
                        member := write.member, before := former[write.member], after := written[nth]
                    )
                ),
                lambda change: change.before <> change.after
            ), [])
        end as changes,
        case when not is_end then coalesce(begun, former) end as begun,
        document
    from (
        select
            *,
            case
                when failure is not null then coalesce(begun, former)
                else list_transform(places, lambda place: former_and_written[place]) -- noqa: RF02
            end as document
        from (
            select
                *,
                list_concat(former, written) as former_and_written
            from (
                select
                    *,
                    case when failure is null then list_transform( -- noqa: LT01
                        writes,
                        lambda write: {{ function('list_splice') }}(
                            former[write.member],
                            write.start,
                            write.span,
                            flatten(list_transform(write.brought, lambda place: sources[place]))
                        )
                    ) end as written
                from (
                    select
                        * exclude (former_failure),
                        coalesce(former_failure, {{ function('part_failure') }}(checks, former, sources)) as failure
                    from (
                        select
                            patches.title_id,
                            patches.replay_position,
                            patches.is_last,
                            parts.part,
                            parts.part = parts.part_count as is_end,
                            parts.checks,
                            parts.writes,
                            parts.places,
                            rounds.begun,
                            rounds.document as former,
                            case when not rounds.is_end then rounds.failure end as former_failure,
                            case when len(parts.takes) = 0 then patches.items else list_concat(
                                patches.items, list_transform(
                                    parts.takes,
                                    lambda step: {{ function('list_part') }}(
                                        rounds.document[step.member], step.start, step.span
                                    )
                                )
                            ) end as sources
                        from rounds
                        inner join {{ ref('stg_semantic_patches') }} as patches
                            on
                                rounds.title_id = patches.title_id
                                and rounds.replay_position + rounds.is_end::bigint = patches.replay_position
                        inner join {{ ref('shape_parts') }} as parts
                            on
                                patches.shape_number = parts.shape_number
                                and if(rounds.is_end, 1, rounds.part + 1) = parts.part
                        where patches.is_plain
                    ) as patches
                ) as patches
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
where is_end and replay_position > 0
