select
    labels.label_id,
    labels.rule_id,
    labels.raw_title,
    labels.clean_title as wanted_title,
    cleaned.clean_title,
    cleaned.clean_title = labels.clean_title as is_as_wanted,
    case
        when len(cleaned.rule_steps) = 0 then ['keep']
        else list_distinct(list_transform(cleaned.rule_steps, lambda s: s.rule_id))
    end as touched_by
from {{ ref('labelled_titles') }} as labels
inner join {{ ref('labelled_cleaned_titles') }} as cleaned on labels.label_id::varchar = cleaned.title_id
