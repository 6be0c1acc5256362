{{ config(meta={'compression': 'said'}) }}

-- The text of a line is in `inputs.lines`; to keep it here would store a million of them twice. A stage, which reads
-- the log without title rows, replays nothing, so it does not compute what operations do.
with
read_patches as (
    select
        * exclude (ops),
        case
            when
                exists (
                    select 1 from {{ source('inputs', 'files') }} as files
                    where files.input = 'title_rows'
                )
                then ops
        end as replayed_ops
    from ({{ patch_envelopes('semantic_patches') }}) as patches
)

select
    * exclude (replayed_ops) replace (null::varchar as text), -- noqa: RF04
    {{ function('patch_shape') }}(replayed_ops) as shape,
    {{ function('patch_items') }}(replayed_ops) as items
from read_patches
