-- Of two choices, or of one and what takes it back, the first is not the decision. Where the sheet has no choices, only
-- the title found, in brackets to the end, stands behind an occupation's name.
select
    lower(written) = 'none'
    or written in ({{ function('same_words') }}(decision), named)
    or list_contains(choices, written)
    or (
        len(choices) = 0
        and starts_with(written, named)
        and regexp_full_match(substr(written, length(named) + 1), ' \(([^()]|\([^()]*\))*\)')
    )
