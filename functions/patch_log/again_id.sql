select first_id || coalesce('~' || (last_number + 1), '')
