select -- noqa: LT09
    list_reduce( -- noqa: PRS
        undos,
        lambda one_list, one_undo: case
            when list_contains(one_list, one_undo.patch_id) then one_list
            else one_list || one_undo.undoes
        end,
        already_undone
    )
