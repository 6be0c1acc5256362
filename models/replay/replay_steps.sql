{{ config(materialized='view') }}

with
operations as (
    select
        ops.*,
        target.document_index as target_member,
        target.kind as target_kind,
        target.place as target_place,
        target.element_index as target_element,
        target.is_patchable as target_is_patchable,
        source.document_index as source_member,
        source.kind as source_kind,
        source.place as source_place,
        source.element_index as source_element,
        source.is_patchable as source_is_patchable,
        -- What the target can hold: a list takes strings, one at a time or a whole list at once.
        case when target.place = 'member' then target.kind else 'string' end as wanted_kind,
        -- A whole member that is moved onto its own place stays.
        target.place = 'member' and target.pointer = source.pointer as stays,
        -- The kind of what the operation brings. What is taken from a string member may turn out to be null.
        case
            when ops.from_path is null then ops.value_kind
            when source.place = 'member' then source.kind
            else 'string'
        end as given_kind
    from {{ ref('replay_operations') }} as ops
    left join {{ ref('replay_pointers') }} as target on ops.path = target.pointer
    left join {{ ref('replay_pointers') }} as source on ops.from_path = source.pointer
),

-- Errors that are the same for every document, in order of precedence. The first two precede the error that depends on
-- the document, an index out of range; the others follow it.
judged as (
    select
        *,
        case
            when not is_well_formed then 'op_invalid'
            when
                target_member is null
                or (target_place = 'end' and op not in ('add', 'move', 'copy'))
                or (from_path is not null and (source_member is null or source_place = 'end'))
                then 'path_not_found'
        end as early_error,
        case
            when
                op <> 'test' and not target_is_patchable
                or op = 'move' and not source_is_patchable
                then 'path_immutable'
            when
                op = 'remove' and target_place = 'member'
                or op = 'move' and source_place = 'member' and not stays
                then 'member_required'
            when
                op <> 'remove'
                and given_kind <> wanted_kind
                and not (given_kind = 'null' and wanted_kind = 'string' and target_place = 'member')
                then case when op = 'test' then 'test_failed' else 'value_invalid' end
        end as late_error
    from operations
),

-- `move` and `copy` first take what is at `from`; `move` of an element also removes it there.
takes as (
    select
        operation,
        0 as phase,
        case when op = 'move' and source_place = 'element' then 'cut' else 'take' end as action,
        source_member as member,
        coalesce(source_element, 0) as start,
        case when source_place = 'element' then 1 end as span,
        null::varchar as brings,
        null::varchar as error
    from judged
    where from_path is not null and early_error is null
),

-- Then every operation is a test or a splice: `span` elements from `start` on are replaced by what it brings.
splices as (
    select
        operation,
        1 as phase,
        case when op = 'test' then 'test' else 'splice' end as action,
        case when early_error is null then target_member end as member,
        case when target_place = 'end' then null else coalesce(target_element, 0) end as start,
        case
            when target_place = 'member' then null
            when op in ('replace', 'remove', 'test') then 1
            else 0
        end as span,
        case when op = 'remove' then 'nothing' when from_path is null then 'value' else 'taken' end as brings,
        coalesce(early_error, late_error) as error
    from judged
)

select * from takes
union all
select * from splices
