{{ config(materialized='view') }}

with recursive
rounds as (
    select
        title_rows.title_id,
        0::bigint as replay_position,
        false as is_last,
        null::bigint as failed_at,
        null::struct(member integer, before varchar[], after varchar[])[] as changes,
        {{ pack_document('title_rows') }} as document
    from {{ ref('stg_title_rows') }} as title_rows
    inner join {{ ref('plain_patches') }} as patches
        on title_rows.title_id = patches.title_id and patches.replay_position = 1
    where title_rows.quarantine_reason is null

    union all

    select
        title_id,
        replay_position,
        is_last,
        failed_at,
        nullif(changes, []) as changes,
        list_transform( -- noqa: PRS, RF02
            former,
            lambda value, nth: coalesce(changes[list_position(changed_members, nth)].after, value)
        ) as document
    from (
        select
            *,
            list_filter(
                list_transform(
                    generate_series(1, case when failed_at is null then len(members) else 0 end),
                    lambda nth: struct_pack(
                        member := members[nth]::integer,
                        before := former[members[nth]],
                        after := case
                            when list_contains(appended_members, members[nth])
                                then list_concat(former[members[nth]], items[nth])
                            else items[nth]
                        end
                    )
                ),
                lambda change: change.before <> change.after
            ) as changes,
            list_transform(changes, lambda change: change.member) as changed_members
        from (
            select
                patches.*,
                rounds.document as former,
                list_min(list_transform(
                    patches.tests,
                    lambda test: case when rounds.document[test.member] <> test.items then test.op_index end
                )) as failed_at
            from rounds
            inner join {{ ref('plain_patches') }} as patches
                on rounds.title_id = patches.title_id and rounds.replay_position + 1 = patches.replay_position
        ) as patches
    ) as patches
)

select
    title_id,
    case when is_last then document end as document,
    [struct_pack(
        replay_position := replay_position,
        code := case when failed_at is not null then 'test_failed' end,
        op_index := failed_at,
        changes := changes
    )] as outcomes
from rounds
where replay_position > 0
