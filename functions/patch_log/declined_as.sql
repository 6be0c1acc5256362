select
    case
        when {{ function('rule_of_id') }}(patch_id) is null then patch_id
        else coalesce({{ function('again_base') }}(patch_id), patch_id)
    end
