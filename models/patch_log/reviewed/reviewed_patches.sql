{{ config(post_hook=stage_as_jsonl(['title_id', 'patch_seq', 'patch_id'])) }}

-- A decision determines what the title rests on, whatever was decided before: no caveat about other evidence remains,
-- and no hold except its own.
with
evidence_caveats as (
    select list(code) as codes from {{ ref('caveat_catalogue') }}
    where is_about_evidence
),

decided as (
    select
        decisions.*,
        log.last_patch_seq,
        log.decision as former_decision,
        case when decisions.decision = 'none' then [] else [decisions.decision] end as decided_refs,
        case when decisions.decision <> 'none' then decisions.occupation_code end as decided_code,
        case when decisions.decision = 'none' then '{{ reviewed_mark() }}no source fits' end as decided_hold,
        {{ function('list_without') }}(decisions.caveats, evidence_caveats.codes) as decided_caveats
    from {{ ref('review_decisions') }} as decisions
    cross join evidence_caveats
    left join {{ ref('log_titles') }} as log on decisions.title_id = log.title_id
    where decisions.is_taken
),

operations as (
    select
        title_id,
        reviewer,
        decision,
        last_patch_seq,
        case
            when decision = 'none' then 'A person looked and found no source that fits.'
            else 'A person chose ' || coalesce(occupation_title, decision) || '.'
        end || coalesce(' ' || note, '') as reason,
        to_json(
            [
                {{ function('operation') }}('test', '/source_refs', source_refs),
                {{ function('operation') }}('replace', '/source_refs', decided_refs),
                {{ function('operation') }}('test', '/occupation_code', former_code),
                {{ function('operation') }}('replace', '/occupation_code', decided_code),
                {{ function('operation') }}('test', '/hold_reason', hold_reason),
                {{ function('operation') }}('replace', '/hold_reason', decided_hold)
            ]
            || case
                when caveats <> decided_caveats
                    then [
                        {{ function('operation') }}('test', '/caveats', caveats),
                        {{ function('operation') }}('replace', '/caveats', decided_caveats)
                    ]
                else []
            end
        ) as ops
    from decided
    where
        former_decision is distinct from decision
        or source_refs <> decided_refs
        or former_code is distinct from decided_code
        or hold_reason is distinct from decided_hold
        or caveats <> decided_caveats
)

select
    -- The same decision by two reviewers makes two patches.
    {{ function('proposal_id') }}('review', title_id, json_array(last_patch_seq, reviewer, reason, ops)) as patch_id,
    {{ function('seq_after') }}(last_patch_seq, 1) as patch_seq,
    title_id,
    reviewer as author,
    reason,
    ops,
    decision as evidence_ref
from operations
