-- In a short list each element is searched for; building a set of it would cost three times as much.
select
    case
        when len(list) <= 32
            then list_contains( -- noqa: LT01
                list_transform( -- noqa: LT01, PRS
                    list, lambda one_element, one_place: list_position(list, one_element) < one_place -- noqa: PRS
                ),
                true
            )
        else len(list_distinct(list)) < len(list)
    end
