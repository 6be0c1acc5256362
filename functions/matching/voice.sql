select round(weight * sqrt(titles / (phrase_titles + 2)))::bigint
