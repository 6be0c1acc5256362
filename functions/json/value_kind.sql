select
    case
        when json is null then 'none'
        when starts_with(json, '"') then 'string'
        when json = 'null' then 'null'
        when {{ function('is_string_list') }}(json) then 'list'
        else 'other'
    end
