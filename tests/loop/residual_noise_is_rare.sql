-- Of each class of noise no more is left in the cleaned titles than the var `max_residual_noise` allows.
-- More of it would be read by learners.
with
totals as (
    select count(*) as titles from {{ ref('cleaned_titles') }}
)

select
    noises.noise_class,
    count(*) as noisy_titles,
    totals.titles
from {{ ref('residual_noise') }} as noises
cross join totals
group by noises.noise_class, totals.titles
having count(*) > {{ var('max_residual_noise') }} * totals.titles
