{{ config(meta={'compression': 'said'}) }}

-- What a line says is in `inputs.lines`; a million of them would be stored again.
select * replace (null::varchar as text) -- noqa: RF04
from ({{ patch_envelopes('semantic_patches') }})
