with
-- Caveats about a title's evidence, on a title that has none.
groundless as (
    select
        titles.title_id,
        catalogue.code
    from {{ ref('tried_replayed_titles') }} as titles
    inner join {{ ref('caveat_catalogue') }} as catalogue on list_contains(titles.caveats, catalogue.code)
    where
        catalogue.is_about_evidence
        and len(titles.source_refs) = 0
        and len(titles.candidate_source_refs) = 0
),

-- A patch that precedes others of the log may keep them from applying.
displaced as (
    select
        offered.line_number,
        min_by(log.patch_id, log.replay_position) as patch_id
    from {{ ref('tried_patch_outcomes') }} as offered
    inner join {{ ref('tried_patch_outcomes') }} as log
        on offered.title_id = log.title_id and offered.replay_position < log.replay_position
    where
        offered.file in (select request.file from {{ source('engine', 'offered') }} as request)
        and log.file not in (select request.file from {{ source('engine', 'offered') }} as request)
        and offered.outcome = 'applied'
        and log.code <> 'patch_id_conflict'
    group by offered.line_number
),

-- The command that makes a patch for the title as it is now.
lines as (
    select
        *,
        case
            when {{ function('is_decision') }}(patch_id) then 'import its sheet again, under another --name'
            when author = 'rule:hold_mining' then 'mine-holds again'
            when author = 'rule:source_ref_rerun' then 'source-ref-rerun again'
            when starts_with(author, 'rule:') then 'propose-patches again, under another --name'
            else 'make the patch again'
        end as remedy
    from {{ ref('offered_patches') }}
),

judged as (
    select
        lines.file,
        lines.line_number,
        lines.title_id,
        lines.patch_id,
        lines.patch_seq,
        lines.text,
        lines.is_superseded,
        lines.is_renewed,
        case
            when lines.is_known then 'duplicate'
            when lines.is_declined then 'declined'
            else outcomes.outcome
        end as outcome,
        outcomes.replay_position,
        -- At the start, because a long row is truncated where it is shown.
        case
            when starts_with(lines.evidence_ref, 'with ')
                then 'it belongs with ' || substr(lines.evidence_ref, 6) || ': '
            else ''
        end || case
            when lines.refusal is not null then lines.refusal
            when outcomes.outcome = 'orphaned' then 'there is no such title'
            when outcomes.outcome = 'rejected'
                then
                    outcomes.code
                    || coalesce(' at operation ' || outcomes.op_index, '')
                    || case
                        when outcomes.code = 'test_failed' then ': the title has changed since; ' || lines.remedy
                        else ''
                    end
            when displaced.patch_id is not null
                then
                    'it comes before '
                    || displaced.patch_id
                    || ' of the log, which would then be rejected'
                    || case
                        -- After the newer decision, the title is not the one that this decision was made for.
                        when {{ function('is_decision') }}(lines.patch_id) then '; ' || lines.remedy
                        when lines.last_patch_seq < 9223372036854775807
                            then '; a patch_seq above ' || lines.last_patch_seq || ' puts it behind'
                        else ''
                    end
            when groundless.code is not null
                then
                    groundless.code || ' speaks of evidence, and the title has neither source nor candidate: accept'
                    || ' what names one with it'
        end as problem
    from lines
    left join {{ ref('tried_patch_outcomes') }} as outcomes
        on lines.file = outcomes.file and lines.line_number = outcomes.line_number
    left join displaced on lines.line_number = displaced.line_number
    left join groundless
        on
            lines.title_id = groundless.title_id
            and contains(to_json(lines.ops)::varchar, to_json(groundless.code)::varchar)
    qualify row_number() over (partition by lines.file, lines.line_number order by groundless.code) = 1
)

select
    * exclude (replay_position),
    -- What applied after a patch that is not accepted may not apply without it.
    problem is null
    and outcome not in ('duplicate', 'declined')
    and not coalesce(
        bool_or(problem is not null and outcome = 'applied') over (
            partition by title_id order by replay_position
            rows between unbounded preceding and 1 preceding
        ),
        false
    ) as is_taken
from judged
