select coalesce(try_cast(regexp_extract(patch_id, '~([0-9]{1,9})$', 1) as bigint), 1)
