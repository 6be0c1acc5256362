-- Each class of noise may be left in at most the share `max_residual_noise` of the cleaned titles, or in 20 titles,
-- which say nothing about the rules. Learners would read whatever noise is left.
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
