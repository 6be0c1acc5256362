select length(regexp_replace(title, '[^(\[]+', '', 'g')) - length(regexp_replace(title, '[^)\]]+', '', 'g'))
