-- depends_on: {{ ref('title_rule_steps') }}, {{ ref('pattern_phrases') }}
-- depends_on: {{ ref('title_words') }}, {{ ref('html_entities') }}
with recursive
cut as (
    select
        title_id,
        list(segment order by position) as texts,
        list(mark order by position) as marks,
        list(rule_position order by position) as dropped_at
    from {{ ref('title_segments') }}
    where
        title_id in (
            select dropped.title_id from {{ ref('title_segments') }} as dropped
            where dropped.rule_position is not null
        )
    group by title_id
),

stages as (
    select
        *,
        unnest(list_sort(list_distinct(list_filter(dropped_at, lambda p: p is not null)))) as up_to
    from cut
),

shortened as (
    select
        stages.title_id,
        stages.up_to,
        drafts.title as draft,
        {{ function('title_without_context') }}(
            stages.texts, stages.marks, stages.dropped_at, stages.up_to
        ) as title
    from stages
    inner join {{ ref('title_drafts') }} as drafts on stages.title_id = drafts.title_id
),

-- Materialized, because otherwise each title would be computed again wherever it is compared.
rewritten as materialized (
    select
        title_id,
        up_to,
        draft,
        {{ function('left_by_rule') }}(title, draft) as title_after
    from shortened
),

chained as (
    select
        title_id,
        up_to,
        coalesce(lag(title_after) over (partition by title_id order by up_to), draft) as title_before,
        title_after
    from rewritten
    where title_after <> draft
),

context_taken_off as (
    select
        chained.title_id,
        arg_max(chained.title_after, chained.up_to) as title,
        list(
            struct_pack(
                rule_id := kinds.rule_id, title_before := chained.title_before, title_after := chained.title_after
            )
            order by chained.up_to
        ) as rule_steps
    from chained
    inner join {{ ref('segment_kinds') }} as kinds on chained.up_to = kinds.position
    where chained.title_before <> chained.title_after
    group by chained.title_id
),

titles as (
    select
        drafts.title_id as id,
        coalesce(shorter.title, drafts.title) as title,
        drafts.company,
        drafts.location,
        drafts.rule_steps || coalesce(shorter.rule_steps, []) as former_steps
    from {{ ref('title_drafts') }} as drafts
    left join context_taken_off as shorter on drafts.title_id = shorter.title_id
),

{{ titles_cleaned_by_rules('titles', 'rest') }},

cleaned as (
    select
        id as title_id,
        title as clean_title,
        former_steps || rule_steps as all_steps,
        -- Full-width marks among letters of the same width are no damage, where nothing else needs mending. Not written
        -- as one condition, for which the database would convert every title.
        case
            when len(all_steps) <> 1 or all_steps[1].rule_id <> 'text_damage' then false
            when not regexp_matches(title, {{ unspaced_letters() }}) then false
            when regexp_matches(all_steps[1].title_before, '[０-９Ａ-Ｚａ-ｚ]') then false
            else {{ function('ordinary_width') }}(all_steps[1].title_before) = title
        end as is_wide_alone
    from cleaned_by_rules
)

select
    title_id,
    case when is_wide_alone then all_steps[1].title_before else clean_title end as clean_title,
    case when is_wide_alone then [] else all_steps end as rule_steps
from cleaned
