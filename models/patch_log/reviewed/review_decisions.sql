-- A person's decisions in the sheet. A row without a decision has not been judged yet. Each row stands for itself: one
-- that cannot be accepted says why, and the others count.
with
sheet as (
    select
        line_number,
        flaw,
        title_id,
        title,
        other_title_id,
        other_title,
        -- As JSON or, in a workbook, one per line.
        list_transform(
            coalesce(try_cast(try_cast(choices as json) as varchar[]), string_split(nullif(choices, ''), chr(10)), []),
            lambda choice: {{ function('same_words') }}(choice)
        ) as choices,
        {{ function('same_words') }}(decision) as written,
        -- A person may write None, or copy the choice as it is, including the occupation's name. Invisible characters
        -- count only where a reference contains them.
        case
            when lower(written) = 'none' then 'none'
            when
                trim(split_part(decision, ' = ', 1))
                in (select occupations.source_ref from {{ ref('harvest_occupations') }} as occupations)
                then trim(split_part(decision, ' = ', 1))
            else coalesce(nullif(trim(split_part(written, ' = ', 1)), ''), decision)
        end as decision,
        trim(coalesce(reviewer, '')) as reviewer,
        nullif(trim(note), '') as note
    from {{ source('engine', 'review_sheet') }}
    where flaw is not null or not {{ function('is_blank') }}(coalesce(decision, ''))
),

readings as (
    select
        *,
        unnest([title_id, other_title_id]) as read_id,
        unnest([1, 2]) as nth
    from sheet
),

-- A spreadsheet may have added an apostrophe to a cell, or removed one.
identified as (
    select
        readings.* exclude (read_id, nth) -- noqa: RF02
        replace (coalesce(titles.title_id, readings.title_id) as title_id),
        titles.title_id is not null as is_title,
        titles.learner_title,
        titles.source_title,
        titles.source_refs,
        titles.occupation_code as former_code,
        titles.caveats,
        titles.hold_reason
    from readings
    left join {{ ref('replayed_titles') }} as titles on readings.read_id = titles.title_id
    qualify row_number() over (
        partition by readings.line_number order by titles.title_id is null, readings.nth
    ) = 1
),

titled as (
    select
        sheet.* exclude (learner_title, source_title), -- noqa: RF02
        -- The title as the sheet was written with it, or another name of it.
        {{ function('is_blank') }}(coalesce(sheet.title, ''))
        or list_has_any(
            [{{ function('same_words') }}(sheet.title), {{ function('same_words') }}(sheet.other_title)],
            [
                {{ function('same_words') }}(cleaned.clean_title),
                {{ function('same_words') }}(sheet.learner_title),
                {{ function('same_words') }}(sheet.source_title)
            ]
        ) as is_its_title,
        coalesce(cleaned.clean_title, sheet.learner_title, sheet.source_title) as known_as,
        occupations.source_ref is not null as is_in_evidence,
        occupations.taxonomy_code as occupation_code,
        occupations.occupation_title,
        {{ function('same_words') }}(coalesce(sheet.decision || ' = ' || occupations.occupation_title, sheet.decision))
            as named,
        -- A repetition of the last decision adds no patch, so that it needs no patch_seq.
        case when coalesce(log.decision, '') <> sheet.decision then {{ no_place_behind('log') }} end as no_place
    from identified as sheet
    left join {{ ref('cleaned_titles') }} as cleaned on sheet.title_id = cleaned.title_id
    left join {{ ref('harvest_occupations') }} as occupations on sheet.decision = occupations.source_ref
    left join {{ ref('log_titles') }} as log on sheet.title_id = log.title_id
),

-- People write a reference in capitals, its key alone, or the occupation's name.
names as (
    select
        source_ref,
        lower(unnest([source_ref, regexp_replace(source_ref, '^[^:]*:', ''), occupation_title])) as name
    from {{ ref('harvest_occupations') }}
    union all
    select
        'none' as source_ref,
        'none' as name
),

-- Only names in which at most one letter in four differs: one that has only its source in common is no suggestion.
nearest as (
    select
        meant.line_number,
        min_by(
            names.source_ref,
            (
                meant.decision <> names.name,
                names.source_ref <> 'none'
                and len(list_filter(
                    meant.choices, lambda choice: starts_with(choice, names.source_ref || ' = ') -- noqa: RF02
                )) = 0,
                damerau_levenshtein(meant.decision, names.name),
                names.source_ref
            )
        ) as source_ref
    from (
        select
            line_number,
            choices,
            {{ bare('decision') }} as decision
        from titled
        where decision <> 'none' and not is_in_evidence
    ) as meant
    inner join names
        on
            4 * abs(length(meant.decision) - length(names.name)) <= length(meant.decision)
            and 4 * damerau_levenshtein(meant.decision, names.name) <= length(meant.decision)
    group by meant.line_number
),

judged as (
    select
        titled.* exclude (
            flaw, other_title_id, other_title, is_title, is_its_title, known_as, -- noqa: RF02
            is_in_evidence, written, named, no_place -- noqa: RF02
        ),
        case
            when titled.flaw is not null then titled.flaw
            when {{ function('is_blank') }}(coalesce(titled.title_id, '')) then 'it names no title'
            when not titled.is_title then 'there is no such title'
            when not titled.is_its_title
                then 'the sheet says ' || titled.title || ', but that title is ' || titled.known_as
            when {{ function('same_words') }}(titled.reviewer) = '' then 'no reviewer is named'
            when starts_with({{ function('same_words') }}(titled.reviewer), 'rule:')
                then 'a reviewer is a person, not a rule'
            when titled.decision <> 'none' and not titled.is_in_evidence
                then
                    titled.decision || ' is neither a source_ref of the evidence nor none'
                    || coalesce('; the nearest is ' || nearest.source_ref, '')
            when not {{ function('is_one_choice') }}(titled.written, titled.decision, titled.named, titled.choices)
                then titled.written || case
                    when
                        list_contains(
                            list_transform(titled.choices || [titled.named], lambda choice: {{ bare('choice') }}),
                            {{ bare('titled.written') }}
                        )
                        then ' is no choice of the row as it stands; the nearest is ' || titled.decision
                    else ' is more than one choice of the row; write one source_ref, or none'
                end
            else titled.no_place
        end as own_problem
    from titled
    left join nearest on titled.line_number = nearest.line_number
),

compared as (
    select
        * exclude (own_problem), -- noqa: RF02
        coalesce(
            own_problem,
            case
                when count(distinct decision) filter (own_problem is null) over (partition by title_id) > 1
                    then 'the sheet decides the title in different ways'
            end
        ) as problem
    from judged
)

select
    *,
    -- The same decision made twice counts once.
    problem is null and row_number() over (
        partition by title_id, problem is null order by line_number
    ) = 1 as is_taken,
    problem is null
    and decision <> 'none'
    and len(choices) > 0
    and len(list_filter(choices, lambda choice: starts_with(choice, decision || ' = '))) = 0 as is_beyond_choices
from compared
