select regexp_matches(patch_id, '^review-[0-9a-f]{16}(~[0-9]+)?$')
