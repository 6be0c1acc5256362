with
log as (
    select
        lines.*,
        -- The places of the operations that are replayed.
        case
            when left_out.is_untested
                then list_filter(
                    generate_series(1, len(lines.shape)),
                    lambda place: lines.shape[place] ->> '/0' <> 'test' -- noqa: RF02
                    and lines.shape[place] ->> '/1' <> '/caveats' -- noqa: RF02
                )
            else generate_series(1, len(lines.shape))
        end as places
    from {{ ref('base_semantic_patches') }} as lines
    left join {{ ref('patches_left_out') }} as left_out
        on lines.file = left_out.file and lines.line_number = left_out.line_number
    where lines.quarantine_reason is null and coalesce(left_out.is_untested, true)
)

select
    * exclude (places) replace (
        list_transform(places, lambda place: shape[place]) as shape, -- noqa: RF02
        list_transform(places, lambda place: items[place]) as items -- noqa: RF02
    )
from log
union all by name
select
    * exclude (ops, is_known, is_renewed, is_superseded, is_declined, refusal, last_patch_seq),
    {{ function('patch_shape') }}(ops) as shape,
    {{ function('patch_items') }}(ops) as items
from {{ ref('offered_patches') }}
where refusal is null and not is_known and not is_declined
