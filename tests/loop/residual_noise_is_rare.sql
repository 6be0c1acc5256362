-- Of each class of noise no more is left in the cleaned titles than the var `max_residual_noise` allows, a
-- few titles apart, which say nothing about the rules. More of it would be read by learners.
with
totals as (
    select greatest(20, floor({{ var('max_residual_noise') }} * count(*))) as allowed_titles
    from {{ ref('cleaned_titles') }}
)

select
    noises.noise_class,
    count(*) as noisy_titles,
    totals.allowed_titles,
    min(noises.clean_title) as example
from {{ ref('residual_noise') }} as noises
cross join totals
group by noises.noise_class, totals.allowed_titles
having count(*) > totals.allowed_titles
