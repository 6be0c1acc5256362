{{ config(meta={'compression': 'said'}) }}

-- What a line says is in `inputs.lines`; a million of them would be stored again.
select
    * exclude (ops) replace (null::varchar as text), -- noqa: RF04
    {{ function('patch_shape') }}(ops) as shape,
    {{ function('patch_items') }}(ops) as items
from ({{ patch_envelopes('semantic_patches') }}) as patches
