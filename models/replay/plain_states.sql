{{ config(materialized='view') }}

with recursive
rounds as (
    select
        title_rows.title_id,
        0::bigint as replay_position,
        null::varchar[][] as before,
        null::bigint as failed_at,
        {{ pack_document('title_rows') }} as after
    from {{ ref('stg_title_rows') }} as title_rows
    inner join {{ ref('plain_patches') }} as patches
        on title_rows.title_id = patches.title_id and patches.replay_position = 1
    where title_rows.quarantine_reason is null

    union all

    select
        title_id,
        replay_position,
        before,
        failed_at,
        case when failed_at is null then written else before end as after
    from (
        select
            patches.title_id,
            patches.replay_position,
            rounds.after as before,
            list_filter(
                patches.tests,
                lambda test: rounds.after[test.member] <> test.items
            )[1].op_index as failed_at,
            list_transform( -- noqa: PRS, RF02
                rounds.after,
                lambda former, nth: list_concat(
                    coalesce(patches.put_items[list_position(patches.put_members, nth)], former),
                    patches.appended_items[list_position(patches.appended_members, nth)]
                )
            ) as written
        from rounds
        inner join {{ ref('plain_patches') }} as patches
            on rounds.title_id = patches.title_id and rounds.replay_position + 1 = patches.replay_position
    ) as patches
)

select
    title_id,
    replay_position - 1 as chunk_number,
    after as document,
    [struct_pack(
        replay_position := replay_position,
        code := case when failed_at is not null then 'test_failed' end,
        op_index := failed_at,
        before := case when before <> after then before end,
        after := case when before <> after then after end
    )] as outcomes
from rounds
where replay_position > 0
