{{ config(materialized='view') }}

with
titles as (
    select
        replayed.title_id,
        replayed.source_refs,
        replayed.candidate_source_refs,
        replayed.occupation_code,
        coalesce(histories.members_set_by_people, []) as set_by_people
    from {{ ref('replayed_titles') }} as replayed
    left join {{ ref('title_histories') }} as histories on replayed.title_id = histories.title_id
),

-- A rule does not overrule a person.
cleanings as (
    select
        cleaned.title_id,
        generate_subscripts(cleaned.rule_steps, 1) as position,
        unnest(cleaned.rule_steps, recursive := true) -- noqa: AL03
    from {{ ref('cleaned_titles') }} as cleaned
    inner join titles on cleaned.title_id = titles.title_id
    where not list_contains(titles.set_by_people, 'learner_title')
),

open_titles as (
    select
        titles.*,
        matches.match_status,
        matches.source_ref as best_ref,
        matches.is_ambiguous,
        matches.is_contradicted
    from titles
    inner join {{ ref('title_matches') }} as matches on titles.title_id = matches.title_id
    where len(titles.source_refs) = 0 and not list_contains(titles.set_by_people, 'source_refs')
),

-- The best match and the second best in the same source, because another source's best may be the same occupation.
told as (
    select
        best.title_id,
        {{ function('match_told') }}(best.occupation_title, best.evidence_title, best.score) as best_match,
        {{ function('match_told') }}(
            runners_up.occupation_title, runners_up.evidence_title, runners_up.score
        ) as second_match
    from open_titles
    inner join {{ ref('harvest_candidates') }} as best
        on open_titles.title_id = best.title_id and open_titles.best_ref = best.source_ref
    left join {{ ref('harvest_candidates') }} as runners_up
        on
            best.title_id = runners_up.title_id
            and best.source_id = runners_up.source_id
            and runners_up.source_position = 2
),

-- The best occupation in every source that is as certain about the title. The code is that of one code system.
attached as (
    select
        open_titles.title_id,
        bool_or(
            open_titles.occupation_code is null and not list_contains(open_titles.set_by_people, 'occupation_code')
        ) as wants_code,
        list(
            {{ function('operation') }}('add', '/source_refs/-', candidates.source_ref)
            order by candidates.candidate_position
        ) as attachments,
        any_value(candidates.occupation_code) filter (candidates.source_ref = open_titles.best_ref) as occupation_code,
        any_value(candidates.occupation_title) filter (
            candidates.source_ref = open_titles.best_ref
        ) as occupation_title,
        any_value(candidates.is_exact) filter (candidates.source_ref = open_titles.best_ref) as is_exact,
        any_value(candidates.why || ', score ' || candidates.score) filter (
            candidates.source_ref = open_titles.best_ref
        ) as why
    from open_titles
    inner join {{ ref('harvest_candidates') }} as candidates on open_titles.title_id = candidates.title_id
    where
        open_titles.match_status = 'attach'
        and candidates.source_position = 1
        and candidates.is_decided
        and candidates.score >= {{ var('attach_threshold') }}
    group by open_titles.title_id
),

suggested as (
    select
        open_titles.title_id,
        list(
            {{ function('operation') }}('add', '/candidate_source_refs/-', candidates.source_ref)
            order by candidates.candidate_position
        ) as suggestions,
        any_value(open_titles.is_ambiguous) as is_ambiguous,
        any_value(open_titles.is_contradicted) as is_contradicted
    from open_titles
    inner join {{ ref('harvest_candidates') }} as candidates on open_titles.title_id = candidates.title_id
    where
        open_titles.match_status = 'candidate'
        and len(open_titles.candidate_source_refs) = 0
        and not list_contains(open_titles.set_by_people, 'candidate_source_refs')
    group by open_titles.title_id
)

-- In the order in which a title's patches are replayed: first its name, then its evidence.
select
    cleanings.title_id,
    1 as kind_position,
    cleanings.position,
    cleanings.rule_id,
    json_array(
        {{ function('operation') }}('test', '/learner_title', cleanings.title_before),
        {{ function('operation') }}('replace', '/learner_title', cleanings.title_after)
    ) as ops,
    rules.why as reason
from cleanings
inner join {{ ref('patch_rules') }} as rules on cleanings.rule_id = rules.rule_id
union all
select
    attached.title_id,
    2 as kind_position,
    1 as position,
    'exact_evidence' as rule_id,
    to_json(
        [{{ function('operation') }}('test', '/source_refs', [])]
        || attached.attachments
        || {{ operations_for_code('attached.wants_code', 'attached.occupation_code') }}
    ) as ops,
    case when attached.is_exact then 'The evidence lists the title under ' else 'Nearest to the title is ' end
    || attached.occupation_title || ' (' || attached.why || ')'
    || coalesce('; second is ' || told.second_match, '') || '.' as reason
from attached
inner join told on attached.title_id = told.title_id
union all
select
    suggested.title_id,
    2 as kind_position,
    2 as position,
    'near_evidence' as rule_id,
    to_json(
        [{{ function('operation') }}('test', '/candidate_source_refs', [])]
        || suggested.suggestions
    ) as ops,
    case
        when suggested.is_ambiguous
            then 'The evidence lists the title under several occupations, and nothing decides; the first is '
        when suggested.is_contradicted
            then 'The title has another code than the occupation that is nearest to it, '
        else 'The evidence is not sure of the title; the nearest is '
    end || told.best_match || coalesce(', second ' || told.second_match, '') || '.' as reason
from suggested
inner join told on suggested.title_id = told.title_id
