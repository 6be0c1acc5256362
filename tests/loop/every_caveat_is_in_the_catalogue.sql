-- Every caveat must have its sentence for learners. One without would be shown as a code, or not at all.
select
    title_id,
    code
from {{ ref('fixture_caveats') }}
where learner_text is null
