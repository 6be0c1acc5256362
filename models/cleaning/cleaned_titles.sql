select
    title_id,
    learner_title as clean_title,
    []::struct(rule_id varchar, title_before varchar, title_after varchar)[] as rule_steps
from {{ ref('replayed_titles') }}
where learner_title is not null
