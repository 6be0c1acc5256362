-- depends_on: {{ ref('flag_rules') }}, {{ ref('pattern_phrases') }}
with
titles as (
    select
        label_id as id,
        title,
        false as has_exact_evidence
    from {{ ref('labelled_flags') }}
),

flags as (
    {{ titles_flagged_by_rules('titles') }}
)

select
    labels.label_id,
    labels.rule_id,
    labels.title,
    coalesce(string_agg(flags.rule_id, ', ' order by flags.position), 'no_flag') as flagged_by,
    flagged_by = labels.rule_id as is_as_wanted
from {{ ref('labelled_flags') }} as labels
left join flags on labels.label_id = flags.id
group by labels.label_id, labels.rule_id, labels.title
