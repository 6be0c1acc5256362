select rule_id || '-' || left(sha256(json_array(title_id, content)::varchar), 16)
