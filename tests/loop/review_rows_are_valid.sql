-- Every decided row of a review sheet names a title, a reviewer and a source of the evidence, or none. A
-- decision that is misread would attach a title to what nobody chose.
select
    line_number,
    title_id,
    decision,
    problem
from {{ ref('review_decisions') }}
where problem is not null
