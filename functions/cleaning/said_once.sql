select
    case
        when
            length(title) >= 9
            and title in (
                left(title, length(title) // 2) || ' ' || left(title, length(title) // 2),
                left(title, length(title) // 2) || '/' || left(title, length(title) // 2)
            )
            then left(title, length(title) // 2)
        else title
    end
