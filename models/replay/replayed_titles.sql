{{ config(materialized='view') }}

with
title_rows as (
    select * from {{ ref('stg_title_rows') }}
    where quarantine_reason is null
),

last_states as (
    select
        title_id,
        document
    from {{ ref('replay_states') }}
    where document is not null
),

patches as (
    select
        title_id,
        list_transform(
            list_sort(list(struct_pack(replay_position, patch_id)) filter (outcome = 'applied')),
            lambda p: p.patch_id
        ) as patches_applied,
        list_transform(
            list_sort(list(struct_pack(replay_position, patch_id, code, op_index)) filter (outcome = 'rejected')),
            lambda p: struct_pack(patch_id := p.patch_id, code := p.code, op_index := p.op_index)
        ) as patches_rejected
    from {{ ref('patch_outcomes') }}
    group by title_id
),

documents as (
    select
        title_rows.title_id as row_id,
        coalesce(last_states.document, {{ pack_document('title_rows') }}) as document,
        title_rows.source_row_sha256,
        title_rows.attributes
    from title_rows
    left join last_states on title_rows.title_id = last_states.title_id
)

select
    {{ unpack_document('documents.document') }},
    coalesce(patches.patches_applied, []) as patches_applied,
    coalesce(patches.patches_rejected, []) as patches_rejected,
    documents.source_row_sha256,
    documents.attributes
from documents
left join patches on documents.row_id = patches.title_id
