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

compared as (
    select
        lines.*,
        log.patch_id is not null as is_in_log,
        coalesce(log.is_superseded, false) as is_superseded,
        families.first_id,
        families.last_number,
        coalesce(families.is_in_force, false) as is_in_force,
        lines.quarantine_reason is null
        and {{ is_declined(function('again_family') ~ '(lines.patch_id)') }} as is_declined,
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
    qualify row_number() over (partition by lines.file, lines.line_number order by log.content) = 1
),

-- A patch that was undone and is offered again is added as a new patch, after everything that the log has for its
-- title; so are the other patches of the file for that title.
renewed as (
    select
        *,
        is_in_log and is_in_force and refusal is null as is_known,
        is_in_log and not is_in_force and not is_declined and refusal is null as is_renewed
    from compared
),

placed as (
    select
        renewed.*,
        bool_or(renewed.is_renewed) over (partition by renewed.title_id) as is_moved,
        row_number() over (
            partition by renewed.title_id, renewed.is_known, renewed.refusal is null
            order by renewed.patch_seq, renewed.patch_id, renewed.line_number
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
            then json_merge_patch(text, json_object('patch_id', patch_id, 'patch_seq', patch_seq))::varchar
        else text
    end as text, -- noqa: RF04
    is_known,
    is_renewed,
    is_superseded,
    is_declined and not is_known as is_declined,
    coalesce(
        refusal,
        case when is_moved and not is_known then {{ no_place_behind('renamed', 'nth') }} end
    ) as refusal,
    last_patch_seq
from renamed
