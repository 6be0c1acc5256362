-- A source row is evidence: the replay must change neither its title, nor its key, nor the fields that it passes
-- through.
select rows_in.title_id
from {{ ref('stg_title_rows') }} as rows_in
left join {{ ref('semantic_patch_replay_v1') }} as rows_out
    on rows_in.title_id = rows_out.title_id
where
    rows_in.quarantine_reason is null
    and (
        rows_out.source_title is distinct from rows_in.source_title
        or rows_out.source_row_sha256 is distinct from rows_in.source_row_sha256
        or rows_out.attributes::varchar is distinct from rows_in.attributes::varchar
    )
