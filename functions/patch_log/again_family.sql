select regexp_replace(patch_id, '~[0-9]{1,9}$', '')
