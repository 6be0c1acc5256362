select json_object('op', op, 'path', path, 'value', value)
