select
    json_type(json) = 'ARRAY'
    and len(list_filter(json_type(json, '$[*]'), lambda one_type: one_type <> 'VARCHAR')) = 0
