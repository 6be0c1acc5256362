with
chosen as (
    select * from {{ ref('rerun_candidates') }}
    where is_chosen
),

others as (
    select
        candidates.title_id,
        list(
            {{ function('match_told') }}(
                candidates.occupation_title, candidates.evidence_title, candidates.score
            )
            order by candidates.score desc, candidates.candidate_index
        )[1] as second_match
    from {{ ref('rerun_candidates') }} as candidates
    inner join chosen on candidates.title_id = chosen.title_id and candidates.candidate <> chosen.candidate
    where candidates.score is not null
    group by candidates.title_id
),

told as (
    select
        chosen.title_id,
        chosen.candidate,
        chosen.candidate_index,
        chosen.occupation_code,
        {{ function('match_told') }}(
            chosen.occupation_title, chosen.evidence_title, chosen.score
        ) as best_match,
        others.second_match,
        titles.caveats,
        [
            -- As `propose-patches` would add it afterwards, see `evidence_flags`.
            case
                when 'grade' in (matches.rule_id, chosen.way) and not coalesce(list_contains(log.rules, 'grade'), false)
                    then 'grade_not_in_evidence'
            end,
            case
                when
                    not (chosen.is_sure and chosen.score >= {{ var('attach_threshold') }})
                    and not {{ has_caveat_of_evidence('titles.caveats') }}
                    then {{ caveat_of_evidence('chosen') }}
            end
        ] as caveats_due
    from chosen
    inner join {{ ref('published_titles') }} as titles on chosen.title_id = titles.title_id
    left join {{ ref('title_matches') }} as matches on chosen.title_id = matches.title_id
    left join {{ ref('log_titles') }} as log on chosen.title_id = log.title_id
    left join others on chosen.title_id = others.title_id
)

select
    * exclude (caveats, caveats_due),
    list_filter(
        caveats_due, lambda code: code is not null and not list_contains(caveats, code)
    ) as new_caveats
from told
