-- What is mined is judged by a person, and a rerun judges candidates that exist already: lower limits will do for a
-- lane's titles than for what rules propose.
select
    case when count(*) filter (runtime_lane = 'hold') > 0 then 1 else 2 end as words_shared,
    case when count(runtime_lane) > 0 then 0 else {{ var('candidate_threshold') }} end::double as candidate_threshold
from {{ ref('titles_to_clean') }}
