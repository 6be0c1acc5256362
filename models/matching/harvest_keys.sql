-- The keys to look up.
with
worded as (
    select
        parted.match_key,
        parted.is_one_part,
        parted.first_part_key,
        meant.match_key is not null as is_worded,
        coalesce(meant.head_key, parted.head_key) as graded_head_key,
        coalesce(meant.field_key, parted.field_key) as field_key,
        case
            when is_worded then {{ function('ungraded_key') }}(meant.whole_key) else parted.ungraded_key
        end as ungraded_key,
        {{ function('ungraded_key') }}(graded_head_key) as head_key,
        regexp_matches(
            coalesce(meant.whole_key, parted.match_key),
            '\b(?:intern|internship|trainee|traineeship|apprentice|graduate|student)\b'
        ) as is_learner
    from {{ ref('title_parts') }} as parted
    left join {{ ref('plain_keys') }} as meant on parted.match_key = meant.match_key
),

-- What follows director or engineer says of what: the head is not complete without it.
turned as (
    select
        *,
        not is_one_part and (not contains(head_key, ' ') or {{ function('is_rank') }}(head_key)) as is_turned
    from worded
)

select
    match_key,
    is_worded,
    ungraded_key,
    first_part_key,
    graded_head_key,
    head_key,
    field_key,
    is_turned,
    is_learner,
    case
        -- Student Trainee (Botanist)
        when
            is_turned
            and regexp_full_match(
                graded_head_key,
                '(?:student )?(?:trainee|intern)|internship|traineeship|apprentice|(?:recent )?graduate|working student'
            )
            then field_key
        when is_turned then trim(field_key || ' ' || head_key)
        when is_one_part then ungraded_key
        else head_key
    end as work_key
from turned
