select
    nullif(
        regexp_extract(coalesce({{ function('again_base') }}(patch_id), patch_id), '^(.+)-[0-9a-f]{16}$', 1), ''
    )
