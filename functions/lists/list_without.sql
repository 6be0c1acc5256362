select list_filter(list, lambda one_element: not list_contains(other, one_element))
