-- Of two choices, or one choice and its retraction, the first is not the decision. Where the sheet has no choices, an
-- occupation's name may only be followed by the title found, in parentheses up to the end.
select
    lower(written) = 'none'
    or written in ({{ function('same_words') }}(decision), named)
    or list_contains(choices, written)
    or (
        len(choices) = 0
        and starts_with(written, named)
        and regexp_full_match(substr(written, length(named) + 1), ' \(([^()]|\([^()]*\))*\)')
    )
