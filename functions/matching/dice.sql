select 2.0 * len(list_intersect(words, others)) / (len(words) + len(others))
