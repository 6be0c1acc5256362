select coalesce(substr(patch_id, length({{ function('again_base') }}(patch_id)) + 2)::bigint, 1)
