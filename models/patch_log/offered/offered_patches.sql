with
lines as (
    {{ patch_envelopes('offered') }}
),

log as (
    select distinct
        patches.patch_id,
        patches.title_id,
        patches.first_id,
        patches.is_superseded,
        {{ content_beside('title_id', 'lines.text') }} as content
    from {{ ref('log_patches') }} as patches
    inner join {{ source('inputs', 'lines') }} as lines
        on
            lines.input = 'semantic_patches'
            and patches.file = lines.file
            and patches.line_number = lines.line_number
    where patches.patch_id in (select offered.patch_id from lines as offered)
),

-- A new id is nobody's in the file either.
numbers as (
    select
        {{ function('again_base') }}(patch_id) as base_id,
        max({{ function('again_number') }}(patch_id)) as last_number
    from lines
    group by base_id
),

compared as (
    select
        lines.*,
        log.patch_id is not null as is_in_log,
        coalesce(log.is_superseded, false) as is_superseded,
        families.first_id,
        greatest(families.last_number, numbers.last_number) as last_number,
        coalesce(families.is_in_force, false) as is_in_force,
        lines.quarantine_reason is null
        and {{ is_declined(function('declined_as') ~ '(lines.patch_id)') }} as is_declined,
        case
            when lines.quarantine_reason is not null then lines.quarantine_reason
            when
                log.title_id <> lines.title_id
                -- Not computed for patches that are new to the log, which are nearly all.
                or log.content <> case
                    when log.content is not null then {{ content_beside('title_id', 'lines.text') }}
                end
                then 'patch_id_conflict: the log has another patch of this id'
        end as refusal
    from lines
    left join log on lines.patch_id = log.patch_id
    left join {{ ref('log_families') }} as families on log.first_id = families.first_id
    left join numbers on families.first_id = numbers.base_id
    qualify row_number() over (partition by lines.file, lines.line_number order by log.content) = 1
),

-- A patch that was undone and is offered again is added as a new patch, once, after everything that the log has for
-- its title; so are the other patches of the file for that title.
undone as (
    select
        *,
        is_in_log and not is_in_force and not is_declined and refusal is null as is_back
    from compared
),

renewed as (
    select
        * exclude (is_back),
        is_back and row_number() over again = 1 as is_renewed,
        is_in_log and refusal is null and (is_in_force or (is_back and row_number() over again > 1)) as is_known
    from undone
    window again as (partition by first_id, is_back order by patch_seq, patch_id, line_number)
),

placed as (
    select
        renewed.*,
        bool_or(renewed.is_renewed) over (partition by renewed.title_id) as is_moved,
        dense_rank() over (
            partition by renewed.title_id, renewed.is_known, renewed.refusal is null
            order by renewed.patch_seq, renewed.patch_id
        ) as nth,
        log.last_patch_seq,
        log.last_patch_id
    from renewed
    left join {{ ref('log_titles') }} as log on renewed.title_id = log.title_id
),

renamed as (
    select
        * replace (
            case when is_renewed then {{ function('again_id') }}(first_id, last_number) else patch_id end as patch_id,
            case when is_moved then {{ function('seq_after') }}(last_patch_seq, nth) else patch_seq end as patch_seq
        )
    from placed
)

select
    file,
    line_number,
    title_id,
    patch_id,
    patch_seq,
    author,
    reason,
    evidence_ref,
    ops,
    case
        when is_moved and refusal is null and not is_known
            then {{ with_members('text', ['patch_id', 'patch_seq']) }}
        else text
    end as text, -- noqa: RF04
    is_known,
    is_renewed,
    is_superseded,
    is_declined and not is_known as is_declined,
    coalesce(refusal, case when is_moved and not is_known then {{ no_place_behind('renamed', 'nth') }} end) as refusal,
    last_patch_seq
from renamed
