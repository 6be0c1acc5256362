select coalesce({{ function('rule_of_id') }}(patch_id) = 'review', false)
