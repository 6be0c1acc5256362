with
log as (
    select
        lines.* replace (
            case
                when left_out.is_untested
                    then list_filter(
                        lines.ops,
                        lambda operation: operation ->> '/op' <> 'test' -- noqa: RF02
                        and operation ->> '/path' <> '/caveats' -- noqa: RF02
                    )
                else lines.ops
            end as ops
        )
    from {{ ref('base_semantic_patches') }} as lines
    left join {{ ref('patches_left_out') }} as left_out
        on lines.file = left_out.file and lines.line_number = left_out.line_number
    where lines.quarantine_reason is null and coalesce(left_out.is_untested, true)
)

select * from log
union all by name
select * exclude (is_known, is_superseded, refusal, last_patch_seq) from {{ ref('offered_patches') }}
where refusal is null and not is_known
