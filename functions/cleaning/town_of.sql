select regexp_extract(location, '^\pL[\pL .''-]{2,}\pL')
