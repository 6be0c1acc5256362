select coalesce(json_type(json) = 'NULL', true)
