select string_split_regex(trim(location), '\s*[,;/|()]\s*|\s+-\s+')
