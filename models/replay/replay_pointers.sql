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
            string_split(pointer[2:], '/'),
            lambda token: replace(replace(token, '~1', '/'), '~0', '~')
        ) as tokens
    from pointers
    where pointer[1] = '/' and not regexp_matches(pointer, '~([^01]|$)')
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
    -- An index beyond 64 bits is out of range of any list, as this one is.
    case
        when regexp_matches(tokens.tokens[2], '^[0-9]+$')
            then coalesce(try_cast(tokens.tokens[2] as bigint), 9000000000000000000)
    end as element_index
from tokens
inner join {{ ref('title_members') }} as members on tokens.tokens[1] = members.member
where
    len(tokens.tokens) = 1
    or (
        len(tokens.tokens) = 2
        and members.kind = 'list'
        and regexp_matches(tokens.tokens[2], '^(0|[1-9][0-9]*|-)$')
    )
