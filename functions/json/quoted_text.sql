select case when (json::varchar)[1] = '"' then (json::varchar)[2:-2] end
