-- Every patch of an accepted file must apply to the titles as the log leaves them or, with `--partial`, at least one
-- must. A patch that does not apply would lower its title's lane from the next replay on.
select
    line_number,
    title_id,
    patch_id,
    problem,
    * exclude (line_number, title_id, patch_id, problem, text, is_taken)
    replace (split_part(file, '~offered/', 2) as file) -- noqa: RF04
from {{ ref('offered_patch_outcomes') }}
where
    problem is not null
    and not (
        (select bool_or(offered.is_partial) from {{ source('engine', 'offered') }} as offered)
        and (select bool_or(patches.is_taken) from {{ ref('offered_patch_outcomes') }} as patches)
    )
