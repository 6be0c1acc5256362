select
    case
        when starts_with(evidence_ref, 'reverts: [')
            then try_cast(try_cast(substr(evidence_ref, 10) as json) as varchar[])
    end
