with
pointers as (
    select path as pointer from {{ ref('replay_operations') }}
    union
    select from_path from {{ ref('replay_operations') }}
),

tokens as (
    select
        pointer,
        list_transform(
            string_split(substring(pointer, 2), '/'),
            lambda token: replace(replace(token, '~1', '/'), '~0', '~')
        ) as tokens
    from pointers
    where starts_with(pointer, '/') and not regexp_matches(pointer, '~([^01]|$)')
)

select
    tokens.pointer,
    members.document_index,
    members.kind,
    members.is_patchable,
    case
        when len(tokens.tokens) = 1 then 'member'
        when tokens.tokens[2] = '-' then 'end'
        else 'element'
    end as place,
    -- No list has an index of 18 digits, so the first 18 of a longer index are out of range just as the whole is, and
    -- arithmetic with the number stays within its type.
    case when regexp_matches(tokens.tokens[2], '^[0-9]+$') then left(tokens.tokens[2], 18)::bigint end as element_index
from tokens
inner join {{ ref('title_members') }} as members on tokens.tokens[1] = members.member
where
    len(tokens.tokens) = 1
    or (
        len(tokens.tokens) = 2
        and members.kind = 'list'
        and regexp_matches(tokens.tokens[2], '^(0|[1-9][0-9]*|-)$')
    )
