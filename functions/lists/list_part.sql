select list_slice(list, coalesce(start, len(list)) + 1, coalesce(start, len(list)) + coalesce(span, len(list)))
