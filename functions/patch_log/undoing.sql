select 'reverts: ' || to_json(patch_ids)::varchar
