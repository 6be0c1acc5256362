-- The input files must have the same bytes as when they were read.
select
    before.input,
    before.file,
    before.bytes,
    after.bytes as bytes_after
from {{ source('inputs', 'files') }} as before
full outer join {{ ref('input_files_after_replay') }} as after
    on before.input = after.input and before.file = after.file
where before.bytes is distinct from after.bytes or before.sha256 is distinct from after.sha256
