select 1 / (1 + exp(-(odds + rise * greatest(odds - knee, 0))))
