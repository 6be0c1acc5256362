-- What the replay of `revert-patches` does without. It plays what counts of each title's patches, as if the
-- others had never been: no undo and nothing undone, of its decisions the newest. That one says what the
-- title rests on whatever it was before, so that it is replayed without its tests; `reversed_titles` sees to
-- the caveats that it clears.
with
asked as (
    select * from {{ source('engine', 'reverted') }}
),

named as (
    select
        title_id,
        list(distinct patch_id order by patch_id) as patch_ids
    from {{ ref('log_patches') }}
    where
        not is_undone
        and (
            file in (select asked.value from asked where asked.kind = 'file') -- noqa: LT14
            or author in (select 'rule:' || asked.value from asked where asked.kind = 'rule') -- noqa: LT14
            or patch_id in (select asked.value from asked where asked.kind = 'id') -- noqa: LT14
        )
    group by title_id
),

undone as (
    select
        log.title_id,
        {{ function('undone_ids') }}(
            coalesce({{ undos_newest_first() }}, []), any_value(named.patch_ids)
        ) as patch_ids
    from {{ ref('log_patches') }} as log
    inner join named on log.title_id = named.title_id
    group by log.title_id
),

judged as (
    select
        log.*,
        list_contains(named.patch_ids, log.patch_id) as is_named,
        list_contains(undone.patch_ids, log.patch_id) as is_undone_now
    from {{ ref('log_patches') }} as log
    inner join named on log.title_id = named.title_id
    inner join undone on log.title_id = undone.title_id
),

newest_decisions as (
    select
        title_id,
        max_by(patch_id, (patch_seq, patch_id)) as patch_id
    from judged
    where decision is not null and not is_undone_now
    group by title_id
)

select
    judged.file,
    judged.line_number,
    judged.title_id,
    judged.patch_id,
    judged.patch_seq,
    judged.is_named,
    -- A decision that stays.
    coalesce(judged.patch_id = newest.patch_id, false) as is_untested
from judged
left join newest_decisions as newest on judged.title_id = newest.title_id
where
    judged.undoes is not null
    or judged.is_undone_now
    or judged.decision <> ''
    or (judged.decision = '' and judged.patch_id <> newest.patch_id)
