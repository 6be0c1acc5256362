-- What the replay of `revert-patches` leaves out. It replays the patches of each title that count, as if the others had
-- never existed: no undo, nothing undone and, of decisions, only the newest. The newest decision determines what the
-- title rests on whatever came before, so it is replayed without its tests; `reversed_titles` handles the caveats that
-- it clears.
with
asked as (
    select
        asked.kind,
        asked.value,
        log.title_id,
        log.patch_id,
        log.first_id,
        log.is_undone
    from {{ ref('log_patches') }} as log
    inner join {{ source('engine', 'reverted') }} as asked
        on asked.value = case asked.kind
            when 'file' then log.file
            when 'id' then log.patch_id
            when 'rule' then case when starts_with(log.author, 'rule:') then substr(log.author, 6) end
        end
),

-- Where everything asked for is undone already, its later repetitions are meant.
taken_again as (
    select
        title_id,
        first_id
    from asked
    qualify bool_and(is_undone) over (partition by kind, value)
),

meant as (
    select
        title_id,
        patch_id
    from asked
    where not is_undone
    union
    select
        log.title_id,
        log.patch_id
    from {{ ref('log_patches') }} as log
    semi join taken_again on log.title_id = taken_again.title_id and log.first_id = taken_again.first_id
    where not log.is_undone
),

named as (
    select
        title_id,
        list(patch_id order by patch_id) as patch_ids
    from meant
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
